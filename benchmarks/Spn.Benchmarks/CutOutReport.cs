using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Spn.Benchmarks;

/// <summary>The time of a cut-out with a given mask, as a Markdown table.</summary>
internal static class CutOutReport
{
    private const int Runs = 9;

    private static readonly (int Width, int Height)[] s_sizes = [(512, 512), (1536, 1024), (4928, 3264)];

    public static string Markdown()
    {
        StringBuilder text = new("# Cut-outs by the image's size\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd}, {Machine.Describe()}, ");
        text.Append(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, .NET {Environment.Version}.\n");
        text.Append(CultureInfo.InvariantCulture, $"`Mask.CutOut` of raw pixels: median of {Runs} (minimum to maximum). ");
        text.Append("Transition: the share of half-transparent pixels.\n\n");
        text.Append("| image | transition | ms |\n|---|---|---|\n");
        foreach ((int width, int height) in s_sizes)
        {
            foreach (double edge in new[] { 0.01, 1 })
                text.Append(Row(width, height, edge));
        }
        return text.ToString();
    }

    /// <param name="width">Pixels per row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="edge">The width of the transition, as a share of √(width·height).</param>
    private static string Row(int width, int height, double edge)
    {
        byte[] pixels = new byte[3 * width * height];
        new Random(1).NextBytes(pixels);
        ImageInput image = ImageInput.FromPixels(pixels.AsMemory(), width, height, PixelFormat.Rgb24);
        double side = Math.Sqrt((double)width * height);
        float[] values = new float[width * height];
        for (int i = 0; i < values.Length; i++)
        {
            double distance = Math.Sqrt(Math.Pow(i % width - width / 2, 2) + Math.Pow(i / width - height / 2, 2));
            values[i] = (float)Math.Clamp(0.5 + (0.3 - distance / side) / edge, 0, 1);
        }
        double share = values.Count(value => value is > 1 / 510f and < 509 / 510f) / (double)values.Length;
        Mask mask = Mask.Load(MaskInput.FromPixels(values.AsMemory(), width, height));
        mask.CutOut(image);
        double[] times = new double[Runs];
        for (int run = 0; run < Runs; run++)
        {
            long start = Stopwatch.GetTimestamp();
            mask.CutOut(image);
            times[run] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        Array.Sort(times);
        return string.Create(CultureInfo.InvariantCulture,
            $"| {width} x {height} | {share:P0} | {times[Runs / 2]:F0} ({times[0]:F0}-{times[^1]:F0}) |\n");
    }
}
