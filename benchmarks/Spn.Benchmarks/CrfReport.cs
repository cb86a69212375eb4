using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using SkiaSharp;
using Spn.Segmentation;
using Spn.Segmentation.Torch;
using TorchSharp;

namespace Spn.Benchmarks;

/// <summary>Time of the dense CRF for 21 classes on a photo of 512 x 512 pixels, as a Markdown table.</summary>
internal static class CrfReport
{
    private const int Size = 512, Classes = 21, Runs = 9;

    private static readonly (string Name, DenseCrfOptions Options)[] s_settings =
    [
        ("Krähenbühl and Koltun", DenseCrfOptions.KrahenbuhlKoltun),
        ("Krähenbühl and Koltun", DenseCrfOptions.KrahenbuhlKoltun with { Iterations = 10 }),
        ("DeepLab v1", DenseCrfOptions.DeepLabV1),
        ("DeepLab v2, VGG16", DenseCrfOptions.DeepLabVgg16),
        ("DeepLab v2, ResNet101", DenseCrfOptions.DeepLabResNet101),
    ];

    public static string Markdown()
    {
        using SKBitmap photo = SKBitmap.Decode(Path.Combine(AppContext.BaseDirectory, "flamingo.jpg"));
        using SKBitmap image = photo.Resize(
            new SKImageInfo(Size, Size, SKColorType.Rgba8888, SKAlphaType.Opaque), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        ClassProbabilities coarse = Probabilities();
        var text = new StringBuilder();
        text.AppendLine("# The dense CRF on the CPU");
        text.AppendLine();
        text.Append(Line($"{DateTime.UtcNow:yyyy-MM-dd}, {Machine.Describe()}, {Environment.ProcessorCount} cores, "));
        text.AppendLine(Line($"{RuntimeInformation.OSDescription}, .NET {Environment.Version}."));
        text.AppendLine(
            Line($"A photo of {Size} x {Size} pixels, {Classes} classes. Milliseconds of one call, from image and probabilities to probabilities:"));
        text.AppendLine(Line($"median of {Runs} (minimum to maximum). Processor time, of all threads, depends less on what else the machine does."));
        text.AppendLine();
        text.AppendLine("| setting | iterations | threads | elapsed | processor time |");
        text.AppendLine("|---|---|---|---|---|");
        foreach ((string name, DenseCrfOptions options) in s_settings)
        {
            foreach (int threads in new[] { 1, 2 })
            {
                var crf = new DenseCrf(options with { Threads = threads });
                text.AppendLine(Line($"| {name} | {options.Iterations} | {threads} | {Time(() => crf.Refine(image, coarse))} |"));
            }
        }
        text.AppendLine(Line($"| CRF as RNN, without gradients | 10 | {Environment.ProcessorCount} | {RecurrentTime(image, coarse)} |"));
        return text.ToString();
    }

    private static string RecurrentTime(SKBitmap image, ClassProbabilities coarse)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable noGradient = torch.no_grad();
        torch.Tensor pixels = torch.tensor(((ImageInput)image).ToPixels(out _, out _)).reshape(1, 3, Size, Size);
        torch.Tensor logits = torch.tensor(coarse.Pixels.ToArray()).log().reshape(1, Classes, Size, Size);
        var layer = new CrfAsRnn(Classes);
        layer.eval();
        return Time(() => layer.forward(pixels, logits).Dispose());
    }

    private static string Time(Action refine)
    {
        refine();
        double[] elapsed = new double[Runs], processor = new double[Runs];
        for (int run = 0; run < Runs; run++)
        {
            TimeSpan before = Environment.CpuUsage.TotalTime;
            long start = Stopwatch.GetTimestamp();
            refine();
            elapsed[run] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            processor[run] = (Environment.CpuUsage.TotalTime - before).TotalMilliseconds;
        }
        return $"{Median(elapsed)} | {Median(processor)}";
    }

    private static string Median(double[] times)
    {
        Array.Sort(times);
        return Line($"{times[Runs / 2]:F0} ({times[0]:F0}-{times[^1]:F0})");
    }

    /// <summary>Noise; the time does not depend on it.</summary>
    private static ClassProbabilities Probabilities()
    {
        var random = new Random(1);
        float[] values = [.. Enumerable.Range(0, Classes * Size * Size).Select(_ => random.NextSingle())];
        return ClassProbabilities.FromPixels(values, Classes, Size, Size);
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
