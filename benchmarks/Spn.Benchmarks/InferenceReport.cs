using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using BenchmarkDotNet.Mathematics;
using BenchmarkDotNet.Reports;
using Spn.Diagnostics;

namespace Spn.Benchmarks;

/// <summary>The built-in model's times as a Markdown table, with what the machine does at the moment: a shared one's speed changes from day to day.</summary>
internal sealed class InferenceReport(Summary inference, Summary copy)
{
    public string Markdown()
    {
        string processor = Machine.Describe(inference);
        var text = new StringBuilder();
        text.AppendLine("# The built-in model on the CPU");
        text.AppendLine();
        text.AppendLine(Line($"{DateTime.UtcNow:yyyy-MM-dd}, {processor}, {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, .NET {Environment.Version}."));
        string precision = SpnDiagnostics.Describe().ReducedPrecision ? "float32, guidance in bfloat16" : "float32";
        text.AppendLine(Line($"512 x 512, {precision}. Milliseconds: median (first to third quartile), least. `Mask` has its guidance at hand; `Classes` is an image's guidance and 21 masks."));
        text.AppendLine("The last two are the machine's own, to compare runs by: a product of two 1024 x 1024 matrices by libtorch, and a copy of 256 MB.");
        text.AppendLine();
        text.AppendLine("| | threads | median | least |");
        text.AppendLine("|---|---|---|---|");
        foreach (BenchmarkReport report in inference.Reports.Concat(copy.Reports))
        {
            Statistics ms = report.ResultStatistics!;
            text.AppendLine(Line(
                $"| {report.BenchmarkCase.Descriptor.WorkloadMethod.Name} | {report.BenchmarkCase.Parameters["Threads"]} | {ms.Median / 1e6:F1} ({ms.Q1 / 1e6:F1}-{ms.Q3 / 1e6:F1}) | {ms.Min / 1e6:F1} |"));
        }
        return text.ToString();
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
