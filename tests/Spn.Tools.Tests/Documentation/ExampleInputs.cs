using SkiaSharp;
using Spn.Torch;

namespace Spn.Tools.Tests.Documentation;

/// <summary>The files and values that the documentation's examples read, in a temporary folder.</summary>
internal sealed class ExampleInputs : IDisposable
{
    private const int Width = 96, Height = 64;

    // What `dotnet new console` and `dotnet new web` import.
    private const string ImplicitUsings =
        """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private const string WebUsings =
        """
        global using Microsoft.AspNetCore.Builder;
        global using Microsoft.AspNetCore.Hosting;
        global using Microsoft.AspNetCore.Http;
        global using Microsoft.AspNetCore.Routing;
        global using Microsoft.Extensions.Configuration;
        global using Microsoft.Extensions.DependencyInjection;
        global using Microsoft.Extensions.Diagnostics.HealthChecks;
        global using Microsoft.Extensions.Hosting;
        global using Microsoft.Extensions.Logging;
        """;

    // What the pages in docs take as given; they say so.
    private const string PageUsings =
        """
        global using OpenTelemetry;
        global using SkiaSharp;
        global using Spn;
        global using Spn.Diagnostics;
        global using Spn.Extensions.DependencyInjection;
        global using Spn.Models;
        global using Spn.Metrics;
        global using Spn.Propagation;
        global using Spn.Torch;
        global using Spn.Training;
        global using Spn.Weights;
        global using TorchSharp;
        global using static Given;
        """;

    private const string Values =
        """
        public static class Given
        {
            public static readonly Refiner refiner = SpnRefiner.Configure().OnCpu().Build();
            public static readonly byte[] bgra = new byte[64 * 48 * 4];
            public static readonly float[] probabilities = [.. Enumerable.Range(0, 16 * 12).Select(i => i % 16 < 8 ? 0.9f : 0.1f)];
            public static readonly float[] classScores = [.. Enumerable.Range(0, 3 * 18 * 12).Select(i => i % 18 < 9 == i < 18 * 12 ? 0.6f : 0.2f)];
            public static readonly torch.Tensor imageTensor = torch.linspace(0, 1, 3 * 48 * 64).reshape(3, 48, 64);
            public static readonly torch.Tensor maskTensor = torch.linspace(0, 1, 2 * 12 * 16).reshape(2, 12, 16);
            public static readonly torch.Tensor classTensor = torch.softmax(torch.linspace(0, 1, 3 * 12 * 16).reshape(3, 12, 16), 0);
            public static readonly CancellationToken cancellationToken = CancellationToken.None;
        }
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("spn-examples-");

    public ExampleInputs()
    {
        foreach (string photo in new[] { "photo.jpg", "photo1.jpg", "photo2.jpg" })
            Draw(photo, Width, Height, SKEncodedImageFormat.Jpeg, inside => inside ? new SKColor(210, 120, 40) : new SKColor(50, 90, 140));
        foreach (string mask in new[] { "mask.png", "mask1.png", "mask2.png", "truth.png" })
            Draw(mask, Width / 4, Height / 4, SKEncodedImageFormat.Png, inside => inside ? SKColors.White : SKColors.Black);
        Draw("labels-rgb.png", Width, Height, SKEncodedImageFormat.Png, inside => inside ? new SKColor(192, 128, 128) : SKColors.Black);
        byte[] labels = [.. Enumerable.Range(0, Width * Height).Select(i => (byte)(Inside(i % Width, i / Width, Width, Height) ? 15 : 0))];
        LabelMap.FromPixels(labels, Width, Height).Save(PathOf("labels.png"));
        Directory.CreateDirectory(PathOf("photos"));
        for (int i = 0; i < 2; i++)
        {
            Draw($"photos/{i}.jpg", 256, 192, SKEncodedImageFormat.Jpeg, inside => inside ? new SKColor(210, 120, 40) : new SKColor(50, 90, 140));
            Draw($"photos/{i}_gt.png", 256, 192, SKEncodedImageFormat.Png, inside => inside ? SKColors.White : SKColors.Black);
        }

        using SpnModule model = SpnModule.From(SpnModel.Fast);
        model.Save(PathOf("model.safetensors"));
    }

    /// <summary>The file of global usings for an example, with the values that the pages in docs take as given.</summary>
    /// <param name="page">The page: a README gets what a new console app has, and no more.</param>
    public static string Prelude(string page) => page.EndsWith("README.md", StringComparison.Ordinal) ? ImplicitUsings : $"{ImplicitUsings}\n{WebUsings}\n{PageUsings}\n{Values}";

    /// <summary>The full path of a file that an example names.</summary>
    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    public void Dispose() => _folder.Delete(recursive: true);

    private void Draw(string name, int width, int height, SKEncodedImageFormat format, Func<bool, SKColor> color)
    {
        using var picture = new SKBitmap(width, height);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                picture.SetPixel(x, y, color(Inside(x, y, width, height)));
        using FileStream file = File.Create(PathOf(name));
        picture.Encode(file, format, 90);
    }

    private static bool Inside(int x, int y, int width, int height)
    {
        double dx = ((x + 0.5) / width) - 0.5, dy = ((y + 0.5) / height) - 0.5;
        return (dx * dx) + (dy * dy) < 0.09;
    }
}
