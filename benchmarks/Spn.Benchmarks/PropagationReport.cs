using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using BenchmarkDotNet.Mathematics;
using BenchmarkDotNet.Reports;
using Spn.Propagation.Cpu;

namespace Spn.Benchmarks;

/// <summary>The run as one Markdown table: medians and quartiles, ratios to the baselines, bandwidth against the copy's.</summary>
internal sealed class PropagationReport(Summary propagation, Summary layout, Summary copy)
{
    public string Markdown()
    {
        var text = new StringBuilder();
        text.AppendLine("# Propagation on the CPU");
        text.AppendLine();
        text.AppendLine(Line($"{DateTime.UtcNow:yyyy-MM-dd}, {Processor()}, {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, .NET {Environment.Version}, vectors: {SimdLevels.Best}."));
        text.AppendLine("float32, four directions, three-way, maximum. Milliseconds: median (first to third quartile). `kernel` has ready gates, as the two baselines have;");
        text.AppendLine("`softmax` normalises raw guidance while it reads; `tensor` is `SpatialPropagation.Propagate` with its allocation; `training` also keeps what backward needs.");
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
                string[] methods = ["Forward", "ForwardSoftmax", "ForwardTensor", "ForwardTraining", "Backward", "BackwardSoftmax", "LibTorch", "Scalar"];
                text.AppendLine(Line($"| {name} | {string.Join(" | ", methods.Select(method => Cell(Find(propagation, method, name, threads))))} |"));
            }

            text.AppendLine();
            text.AppendLine("| case | of libtorch | of the scalar loop | GB/s | of copy | backward / forward | backward / training | softmax: backward / forward | of 1 thread | softmax of 1 thread |");
            text.AppendLine("|---|---|---|---|---|---|---|---|---|---|");
            foreach (string name in Cases())
            {
                double forward = Median(propagation, "Forward", name, threads);
                double softmax = Median(propagation, "ForwardSoftmax", name, threads);
                double backward = Median(propagation, "Backward", name, threads);
                double achieved = PropagationBenchmarks.Problem(name).ForwardBytes / forward / 1e6;
                text.AppendLine(Line(
                    $"| {name} | {Median(propagation, "LibTorch", name, threads) / forward:F1}x | {Median(propagation, "Scalar", name, threads) / forward:F1}x | {achieved:F1} | {100 * achieved / bandwidth:F0} % | {backward / forward:F2} | {backward / Median(propagation, "ForwardTraining", name, threads):F2} | {Median(propagation, "BackwardSoftmax", name, threads) / softmax:F2} | {Median(propagation, "Forward", name, 1) / forward:F2}x | {Median(propagation, "ForwardSoftmax", name, 1) / softmax:F2}x |"));
            }

            text.AppendLine();
        }

        text.AppendLine("## Layout, 1 thread");
        text.AppendLine();
        text.AppendLine("The kernels work on planes and transpose columns in registers. Channels last needs no transpose, but a vector there is 16 channels of a pixel, which one mask does not have.");
        text.AppendLine();
        text.AppendLine("| case | planes | channels last |");
        text.AppendLine("|---|---|---|");
        foreach (string name in layout.BenchmarksCases.Select(c => (string)c.Parameters["Case"]).Distinct())
            text.AppendLine(Line($"| {name} | {Cell(Find(layout, "Planar", name))} | {Cell(Find(layout, "ChannelsLast", name))} |"));
        return text.ToString();
    }

    private IEnumerable<string> Cases() => propagation.BenchmarksCases.Select(c => (string)c.Parameters["Case"]).Distinct();

    private static string Cell(Statistics statistics) => Line($"{statistics.Median / 1e6:F2} ({statistics.Q1 / 1e6:F2}-{statistics.Q3 / 1e6:F2})");

    private static double Median(Summary summary, string method, string name, int threads) => Find(summary, method, name, threads).Median / 1e6;

    private static Statistics Find(Summary summary, string method, string name, int? threads = null)
        => summary.Reports.Single(report =>
            report.BenchmarkCase.Descriptor.WorkloadMethod.Name == method
            && (threads is null || (int)report.BenchmarkCase.Parameters["Threads"] == threads)
            && (name.Length == 0 || (string)report.BenchmarkCase.Parameters["Case"] == name)).ResultStatistics!;

    private string Processor() => Machine.Describe(propagation);

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
