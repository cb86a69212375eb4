using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Spn.Guidance;
using TorchSharp;

namespace Spn.Benchmarks;

/// <summary>
/// Time and memory of one call for one mask, from a quarter of a megapixel to sixteen, as a Markdown table; each row in a process of its own, as memory that is kept from one would serve
/// the next. Linux tells the peak of memory.
/// </summary>
internal static class SizeReport
{
    private const int Runs = 5;

    private static readonly (int Width, int Height)[] s_sizes = [(576, 432), (1152, 864), (2304, 1728), (4608, 3456)];

    public static string Markdown()
    {
        var text = new StringBuilder();
        text.AppendLine("# The built-in models by the image's size");
        text.AppendLine();
        text.AppendLine(Line(
            $"{DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, .NET {Environment.Version}. One call for one mask, from tensors, median of {Runs}"));
        text.AppendLine("(least to most); the peak of memory over the process with the loaded model, image, mask and result included. Above 1920 pixels a side the image goes in tiles.");
        text.AppendLine();
        text.AppendLine("| model | image | tiles | ms | ms a megapixel | peak MB |");
        text.AppendLine("|---|---|---|---|---|---|");
        foreach (BuiltInModel model in new[] { SpnModel.Fast, SpnModel.Quality })
            foreach ((int width, int height) in s_sizes)
                text.Append(Apart(model.Name, Line($"{width}"), Line($"{height}")));
        return text.ToString();
    }

    /// <summary>A row, in this process.</summary>
    /// <param name="name">The model's.</param>
    /// <param name="width">The image's, in pixels.</param>
    /// <param name="height">The image's, in pixels.</param>
    public static string Row(string name, int width, int height)
    {
        BuiltInModel model = name == SpnModel.Quality.Name ? SpnModel.Quality : SpnModel.Fast;
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithModel(model).Build();
        using DisposeScope scope = torch.NewDisposeScope();
        refiner.Refine(torch.rand(3, 64, 64), torch.rand(1, 64, 64));
        GC.Collect();
        long loaded = Status("VmRSS");
        File.WriteAllText("/proc/self/clear_refs", "5"); // starts the peak anew
        torch.Tensor image = torch.rand(3, height, width), mask = torch.rand(1, height, width);
        double[] times = new double[Runs];
        RefineReport report = default;
        for (int run = 0; run < Runs; run++)
        {
            long start = Stopwatch.GetTimestamp();
            refiner.Refine((ImageInput)image, (MaskInput)mask, out report);
            times[run] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        Array.Sort(times);
        long peak = Status("VmHWM") - loaded;
        double megapixels = width * height / 1e6;
        return Line($"| {model.Name} | {width} x {height}, {megapixels:F2} MP | {report.Tiles} | {times[Runs / 2]:F0} ({times[0]:F0}-{times[^1]:F0}) | {times[Runs / 2] / megapixels:F0} | {peak >> 10} |");
    }

    private static string Apart(params string[] row)
    {
        string program = Environment.ProcessPath!;
        string[] host = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];
        using Process process = Process.Start(new ProcessStartInfo(program, [.. host, "size", .. row]) { RedirectStandardOutput = true })!;
        string line = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? line : throw new InvalidOperationException($"The row {string.Join(' ', row)} ended with {process.ExitCode}.");
    }

    /// <summary>Kilobytes.</summary>
    private static long Status(string name)
        => long.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal)).Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
