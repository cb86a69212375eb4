using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using TorchSharp;

namespace Spn.Benchmarks;

/// <summary>
/// Time and memory of one call for one mask, from 0.25 to 16 megapixels, and for 21 classes, as a Markdown table. Each row is measured in a
/// separate process, because memory retained from one row would be reused by the next. It requires Linux, which reports the peak of the
/// memory.
/// </summary>
internal static class SizeReport
{
    private const int Runs = 5;

    private static readonly (int Width, int Height, int Classes)[] s_cases =
        [(512, 512, 1), (512, 512, 21), (576, 432, 1), (1152, 864, 1), (2304, 1728, 1), (4608, 3456, 1)];

    public static string Markdown()
    {
        var text = new StringBuilder();
        text.AppendLine("# The built-in models by the image's size");
        text.AppendLine();
        text.Append(Line($"{DateTime.UtcNow:yyyy-MM-dd}, {Machine.Describe()}, {Environment.ProcessorCount} cores, "));
        text.AppendLine(Line($"{RuntimeInformation.OSDescription}, .NET {Environment.Version}."));
        text.AppendLine(
            Line($"Time of one call for one mask, or for the probabilities of several classes: median of {Runs} (minimum to maximum)."));
        text.AppendLine("Memory: peak of the process minus its size with the loaded model, including image, mask and result.");
        text.AppendLine("Images with a side above 1408 pixels are refined in tiles.");
        text.AppendLine();
        text.AppendLine("| model | image | masks | tiles | ms | ms/MP | peak MB |");
        text.AppendLine("|---|---|---|---|---|---|---|");
        foreach (SpnModel model in new[] { SpnModel.Fast, SpnModel.Quality })
            foreach ((int width, int height, int classes) in s_cases)
                text.Append(Apart(model.Name, Line($"{width}"), Line($"{height}"), Line($"{classes}")));
        return text.ToString();
    }

    /// <summary>Measures a row in this process.</summary>
    /// <param name="name">The name of the model.</param>
    /// <param name="width">The width of the image in pixels.</param>
    /// <param name="height">The height of the image in pixels.</param>
    /// <param name="classes">The number of masks; several masks are class probabilities that sum to 1.</param>
    public static string Row(string name, int width, int height, int classes)
    {
        SpnModel model = name == SpnModel.Quality.Name ? SpnModel.Quality : SpnModel.Fast;
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithModel(model).Build();
        using DisposeScope scope = torch.NewDisposeScope();
        refiner.Refine(torch.rand(3, 64, 64), torch.rand(1, 64, 64));
        float[] even = classes > 1 ? new float[classes * height * width] : [];
        Array.Fill(even, 1f / classes);
        GC.Collect();
        long loaded = Status("VmRSS");
        File.WriteAllText("/proc/self/clear_refs", "5"); // resets the peak
        var image = (ImageInput)torch.rand(3, height, width);
        RefineReport report = default;
        Action refine;
        if (classes > 1)
        {
            var coarse = ClassProbabilities.FromPixels(even, classes, width, height);
            report = report with { Tiles = 1 };
            refine = () => refiner.Refine(image, coarse);
        }
        else
        {
            var mask = (MaskInput)torch.rand(1, height, width);
            refine = () => refiner.Refine(image, mask, out report);
        }
        double[] times = new double[Runs];
        for (int run = 0; run < Runs; run++)
        {
            long start = Stopwatch.GetTimestamp();
            refine();
            times[run] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        Array.Sort(times);
        long peak = Status("VmHWM") - loaded;
        double megapixels = width * height / 1e6;
        string time = Line($"{times[Runs / 2]:F0} ({times[0]:F0}-{times[^1]:F0}) | {times[Runs / 2] / megapixels:F0}");
        return Line($"| {model.Name} | {width} x {height}, {megapixels:F2} MP | {classes} | {report.Tiles} | {time} | {peak >> 10} |");
    }

    private static string Apart(params string[] row)
    {
        string program = Environment.ProcessPath!;
        string[] host = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];
        using Process process = Process.Start(new ProcessStartInfo(program, [.. host, "size", .. row]) { RedirectStandardOutput = true })!;
        string line = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? line
            : throw new InvalidOperationException($"The process for the row {string.Join(' ', row)} exited with code {process.ExitCode}.");
    }

    /// <summary>A value of /proc/self/status in kilobytes.</summary>
    private static long Status(string name)
    {
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
