using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using BenchmarkDotNet.Mathematics;
using BenchmarkDotNet.Reports;

namespace Spn.Benchmarks;

/// <summary>
/// The built-in model's times as a Markdown table, with the machine's current speed, because the speed of a shared machine varies.
/// </summary>
internal sealed class InferenceReport(Summary inference, Summary copy)
{
    public string Markdown()
    {
        string processor = Machine.Describe(inference);
        var text = new StringBuilder();
        text.AppendLine("# The built-in model on the CPU");
        text.AppendLine();
        text.Append(Line($"{DateTime.UtcNow:yyyy-MM-dd}, {processor}, {Environment.ProcessorCount} cores, "));
        text.AppendLine(Line($"{RuntimeInformation.OSDescription}, .NET {Environment.Version}."));
        text.AppendLine(Line($"512 x 512, float32. Milliseconds: median (first to third quartile) and minimum."));
        text.AppendLine("`Mask` uses existing guidance; `Classes` is the guidance of an image and 21 masks.");
        text.AppendLine("`Copy`, of 256 MB, measures the machine itself.");
        text.AppendLine();
        text.AppendLine("| | threads | median | minimum |");
        text.AppendLine("|---|---|---|---|");
        foreach (BenchmarkReport report in inference.Reports.Concat(copy.Reports))
        {
            Statistics ms = report.ResultStatistics!;
            text.Append(Line($"| {report.BenchmarkCase.Descriptor.WorkloadMethod.Name} | {report.BenchmarkCase.Parameters["Threads"]} "));
            text.AppendLine(Line($"| {ms.Median / 1e6:F1} ({ms.Q1 / 1e6:F1}-{ms.Q3 / 1e6:F1}) | {ms.Min / 1e6:F1} |"));
        }
        return text.ToString();
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
