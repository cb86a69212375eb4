using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using BenchmarkDotNet.Mathematics;
using BenchmarkDotNet.Reports;
using Spn.Simd;

namespace Spn.Benchmarks;

/// <summary>
/// The run as Markdown tables: medians and quartiles, ratios to the baselines, and bandwidth relative to that of a copy.
/// </summary>
internal sealed class PropagationReport(Summary propagation, Summary layout, Summary copy)
{
    public string Markdown()
    {
        var text = new StringBuilder();
        text.AppendLine("# Propagation on the CPU");
        text.AppendLine();
        text.Append(Line($"{DateTime.UtcNow:yyyy-MM-dd}, {Processor()}, {Environment.ProcessorCount} cores, "));
        text.AppendLine(Line($"{RuntimeInformation.OSDescription}, .NET {Environment.Version}, vectors: {SimdLevels.Best}."));
        text.AppendLine("float32, four directions, three-way, maximum. Milliseconds: median (first to third quartile).");
        text.AppendLine("`kernel` uses normalised gates, like the two baselines; `softmax` normalises raw guidance as it is read;");
        text.AppendLine(
            "`tensor` is `SpatialPropagation.Propagate` including allocation; `training` also saves the data for the backward pass.");
        text.AppendLine();
        foreach (int threads in PropagationBenchmarks.ThreadCounts)
        {
            double bandwidth = 2.0 * CopyBenchmarks.Bytes / Median(copy, "Copy", "", threads) / 1e6;
            text.AppendLine(Line($"## {threads} thread{(threads == 1 ? "" : "s")}; copy {bandwidth:F1} GB/s (read + written)"));
            text.AppendLine();
            text.AppendLine("| case | kernel | softmax | tensor | training | backward | backward softmax | libtorch | scalar, 1 thread |");
            text.AppendLine("|---|---|---|---|---|---|---|---|---|");
            foreach (string name in Cases())
            {
                string[] methods =
                    ["Forward", "ForwardSoftmax", "ForwardTensor", "ForwardTraining", "Backward", "BackwardSoftmax", "LibTorch", "Scalar"];
                text.AppendLine(
                    Line($"| {name} | {string.Join(" | ", methods.Select(method => Cell(Find(propagation, method, name, threads))))} |"));
            }

            text.AppendLine();
            text.AppendLine(
                "| case | speed-up over libtorch | over the scalar loop | GB/s | % of copy | backward / forward | backward / training " +
                "| softmax: backward / forward | speed-up over 1 thread | softmax over 1 thread |");
            text.AppendLine("|---|---|---|---|---|---|---|---|---|---|");
            foreach (string name in Cases())
            {
                double forward = Median(propagation, "Forward", name, threads);
                double softmax = Median(propagation, "ForwardSoftmax", name, threads);
                double backward = Median(propagation, "Backward", name, threads);
                double training = backward / Median(propagation, "ForwardTraining", name, threads);
                double softmaxBackward = Median(propagation, "BackwardSoftmax", name, threads) / softmax;
                double achieved = PropagationBenchmarks.Problem(name).ForwardBytes / forward / 1e6;
                text.Append(Line($"| {name} | {Median(propagation, "LibTorch", name, threads) / forward:F1}x "));
                text.Append(Line($"| {Median(propagation, "Scalar", name, threads) / forward:F1}x "));
                text.Append(Line($"| {achieved:F1} | {100 * achieved / bandwidth:F0} % "));
                text.Append(Line($"| {backward / forward:F2} | {training:F2} | {softmaxBackward:F2} "));
                text.Append(Line($"| {Median(propagation, "Forward", name, 1) / forward:F2}x "));
                text.AppendLine(Line($"| {Median(propagation, "ForwardSoftmax", name, 1) / softmax:F2}x |"));
            }

            text.AppendLine();
        }

        text.AppendLine("## Layout, 1 thread");
        text.AppendLine();
        text.AppendLine("The kernels use planes and transpose columns in registers. Channels last needs no transpose,");
        text.AppendLine("but a vector then holds 16 channels of one pixel, and a single mask does not have that many.");
        text.AppendLine();
        text.AppendLine("| case | planes | channels last |");
        text.AppendLine("|---|---|---|");
        foreach (string name in layout.BenchmarksCases.Select(c => (string)c.Parameters["Case"]).Distinct())
            text.AppendLine(Line($"| {name} | {Cell(Find(layout, "Planar", name))} | {Cell(Find(layout, "ChannelsLast", name))} |"));
        return text.ToString();
    }

    private IEnumerable<string> Cases() => propagation.BenchmarksCases.Select(c => (string)c.Parameters["Case"]).Distinct();

    private static string Cell(Statistics statistics)
        => Line($"{statistics.Median / 1e6:F2} ({statistics.Q1 / 1e6:F2}-{statistics.Q3 / 1e6:F2})");

    private static double Median(Summary summary, string method, string name, int threads)
        => Find(summary, method, name, threads).Median / 1e6;

    private static Statistics Find(Summary summary, string method, string name, int? threads = null)
        => summary.Reports.Single(report =>
            report.BenchmarkCase.Descriptor.WorkloadMethod.Name == method
            && (threads is null || (int)report.BenchmarkCase.Parameters["Threads"] == threads)
            && (name.Length == 0 || (string)report.BenchmarkCase.Parameters["Case"] == name)).ResultStatistics!;

    private string Processor() => Machine.Describe(propagation);

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
