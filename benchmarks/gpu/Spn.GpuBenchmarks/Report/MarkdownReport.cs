using System.Globalization;
using System.Text;
using Spn.GpuBenchmarks.Device;

namespace Spn.GpuBenchmarks.Report;

/// <summary>The report as Markdown.</summary>
internal static class MarkdownReport
{
    private static readonly string[] s_alwaysPrinted = ["machine", "gpu", "system"];

    public static string Of(GpuReport report)
    {
        var text = new StringBuilder();
        void Line(string line = "") => text.Append(line).Append('\n');
        Line($"# Spn on {report.Device?.Description ?? "no usable GPU"}");
        Line();
        Line($"{report.Date}. {(report.Succeeded
            ? report.IsComplete ? "Everything ran, and every result is correct." : "Some stages ran out of time. Every result is correct."
            : "Not everything ran, or some results are incorrect; see below.")}");
        if (report.Device is { } device)
        {
            string driver = $"{device.DriverVersion / 1000}.{device.DriverVersion % 1000 / 10}";
            Line();
            Line(Text($"sm_{device.Architecture}, {device.Multiprocessors} multiprocessors, {device.L2Bytes >> 20} MB of L2 cache,"));
            Line(Text($"{device.MemoryBytes >> 30} GB of memory; driver for CUDA {driver}."));
            Line(Text($"Clock: {device.Clock:F0} MHz maximum, {device.MeasuredClock:F0} MHz measured."));
            Line(Text($"Copy: {device.Bandwidth / 1e6:F2} TB/s read + written"));
            Line(Text($"(by the driver {device.DriverCopy / 1e6:F2}, by a kernel {device.KernelCopy / 1e6:F2})."));
            Line(Text($"Empty launch: {device.Launch:F1} µs."));
        }

        Line();
        Summary(report, Line);
        Stages(report, Line);
        Tests(report, Line);
        Rounds(report, Line);
        Sections(report, Line);
        Kernels(report, Line);
        HashSet<string> failed = [.. report.Stages.Where(stage => !stage.Succeeded).Select(stage => stage.Name)];
        foreach ((string name, string log) in report.Texts.Where(text => s_alwaysPrinted.Contains(text.Key) || failed.Contains(text.Key)))
        {
            Line($"## Output of {name}");
            Line();
            Line("```");
            Line(log.TrimEnd());
            Line("```");
            Line();
        }

        return text.ToString();
    }

    /// <summary>A short summary of a measurement.</summary>
    public static string Outcome(Figure figure)
    {
        if (figure.Failure is not null)
            return $"failed: {figure.Failure}";
        string floor = figure.Floor is { } f ? Text($", {figure.Time!.Median / f.Microseconds:F2}x the floor") : "";
        string baseline = figure.Baseline is { } b
            ? Text($", {b.Median / figure.Time!.Median:F1}x faster than the baseline's {Time(b)}")
            : "";
        return $"{Time(figure.Time!)} µs{floor}{baseline}{(figure.IsRight == false ? ", WRONG RESULT" : "")}";
    }

    private static void Summary(GpuReport report, Action<string> line)
    {
        Figure[] asked = [.. report.Figures.Where(figure => figure.Allowed is not null || figure.Failure is not null)];
        int failedTests = report.Tests.Sum(tests => tests.Failed), skipped = report.Tests.Sum(tests => tests.Skipped);
        int wrong = report.Figures.Count(figure => figure.IsRight == false);
        int missing = report.Figures.Count(figure => figure.Failure is not null);
        line($"- Tests: {report.Tests.Sum(tests => tests.Passed)} passed, {failedTests} failed, {skipped} skipped.");
        line($"- Measurements: {report.Figures.Count}, of which {missing} failed and {wrong} have incorrect results; " +
            $"{asked.Count(figure => figure.IsMet == true)} of {asked.Length} with a limit meet it.");
        foreach (StageResult stage in report.Stages.Where(stage => !stage.Succeeded))
            line($"- Stage {stage.Name}: {stage.Outcome}. {LastLine(report, stage.Name)}");
        line("");
    }

    private static void Stages(GpuReport report, Action<string> line)
    {
        line("## Stages");
        line("");
        line("| stage | outcome | seconds | limit |");
        line("|---|---|---|---|");
        foreach (StageResult stage in report.Stages)
            line($"| {stage.Name} | {stage.Outcome} | {stage.Seconds} | {stage.LimitSeconds} |");
        line("");
    }

    private static void Tests(GpuReport report, Action<string> line)
    {
        if (report.Tests.Count == 0)
            return;
        line("## Tests");
        line("");
        line("| suite | passed | failed | skipped |");
        line("|---|---|---|---|");
        foreach (TestResults tests in report.Tests)
            line($"| {tests.Suite} | {tests.Passed} | {tests.Failed} | {tests.Skipped} |");
        line("");
        foreach (string reason in report.Tests.SelectMany(tests => tests.SkipReasons).Distinct())
            line($"- Skipped: {OneLine(reason)}");
        foreach (TestFailure failure in report.Tests.SelectMany(tests => tests.Failures))
            line($"- **{failure.Name}**: {OneLine(failure.Message)}");
        line("");
    }

    private static void Rounds(GpuReport report, Action<string> line)
    {
        Figure[] rounds = [.. report.Figures.Where(figure => figure.Section is Section.Rounds or Section.Gspn2)];
        if (rounds.Length == 0)
            return;
        line("## Rounds");
        line("");
        line("Microseconds: median (first to third quartile) of runs with an evicted L2 cache.");
        line("Floor: launch + the larger of chain (the scheme's steps on an idle device) and traffic (the scheme's bytes");
        line("at the speed of a copy).");
        line("Goal: the same with the bytes of a scheme that reads or writes each plane once, which large maps cannot reach, because they");
        line("do not stay in the L2 cache from one direction to the next. Limit: 1.25 times the floor.");
        line("GB/s: the scheme's bytes, divided by the time.");
        foreach (IGrouping<string, Figure> size in rounds.GroupBy(SizeOf))
        {
            line("");
            line($"### {size.Key}");
            line("");
            line("| case | µs | GB/s | times the floor | limit | met | launch | chain | traffic | MB | steps " +
                "| times the goal | goal MB | error | scheme |");
            line("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
            foreach (Figure figure in size)
                line(Round(figure));
        }

        line("");
    }

    private static string SizeOf(Figure figure)
        => (figure.Section == Section.Gspn2 ? "GSPN-2's case, " : "")
            + figure.Case[..(figure.Case.IndexOf(']', StringComparison.Ordinal) + 1)];

    private static string Round(Figure figure)
    {
        string name = figure.Case[(figure.Case.IndexOf(']', StringComparison.Ordinal) + 1)..].Trim();
        if (figure is not { Time: { } time, Floor: { } floor, Cost: { } cost })
            return $"| {name} | {OneLine(figure.Failure ?? "")} | | | | no | | | | | | | | | |";
        string speed = Text($"{cost.Bytes / time.Median / 1e3:F0} | {time.Median / floor.Microseconds:F2}");
        string used = Text($"{Time(time)} | {speed} | {figure.Allowed:F1} | {Met(figure)}");
        string model = Text($"{floor.Launch:F1} | {floor.Chain:F1} | {floor.Traffic:F1} | {cost.Bytes / 1e6:F1} | {cost.Steps}");
        string goal = Text($"{time.Median / floor.FusedMicroseconds:F2} | {cost.FusedBytes / 1e6:F1}");
        return Text($"| {name} | {used} | {model} | {goal} | {figure.Error:G2} | {cost.Scheme} |");
    }

    private static void Sections(GpuReport report, Action<string> line)
    {
        (Section Section, string Title)[] sections =
        [
            (Section.Module, "The two-round module"), (Section.Classic, "Compared with one launch per line"),
            (Section.Operator, "The operator on tensors"), (Section.TensorOps, "Compared with tensor operations"),
            (Section.Refiner, "The whole refiner"),
        ];
        foreach ((Section section, string title) in sections)
        {
            Figure[] figures = [.. report.Figures.Where(figure => figure.Section == section)];
            if (figures.Length == 0)
                continue;
            line($"## {title}");
            line("");
            line("| case | µs | limit | met | baseline µs | speed-up | error | note |");
            line("|---|---|---|---|---|---|---|---|");
            foreach (Figure figure in figures)
            {
                if (figure.Time is not { } time)
                {
                    line($"| {figure.Case} | | | no | | | | {OneLine(figure.Failure ?? "")} |");
                    continue;
                }
                string baseline = figure.Baseline is { } b ? Time(b) : "";
                string speedUp = Text($"{figure.Baseline?.Median / time.Median:F1}");
                string used = Text($"{Time(time)} | {figure.Allowed:F1} | {Met(figure)} | {baseline} | {speedUp}");
                line(Text($"| {figure.Case} | {used} | {figure.Error:G2} | {figure.Note} |"));
            }

            line("");
        }
    }

    private static void Kernels(GpuReport report, Action<string> line)
    {
        KernelFigure[] measured = [.. report.Figures.SelectMany(figure => figure.Kernels).DistinctBy(kernel => kernel.Name)];
        if (measured.Length > 0)
        {
            line("## Measured kernels");
            line("");
            line("| kernel | registers | spilled bytes | blocks per multiprocessor | warps per multiprocessor |");
            line("|---|---|---|---|---|");
            foreach (KernelFigure kernel in measured)
                line($"| {kernel.Name} | {kernel.Registers} | {kernel.LocalBytes} | {kernel.Blocks} | {kernel.Warps} |");
            line("");
        }

        double[] compiled = [.. report.Compiled.Select(kernel => kernel.CompileMilliseconds).OfType<double>()];
        if (compiled.Length == 0)
            return;
        var time = Timing.Of(compiled);
        int spilling = report.Compiled.Count(kernel => kernel.LocalBytes > 0);
        line(Text(
            $"{compiled.Length} kernels were compiled ahead in {compiled.Sum() / 1e3:F1} s in total: {time.Median:F0} ms per kernel"));
        line(Text($"(quartiles {time.First:F0}-{time.Third:F0}, maximum {compiled.Max():F0}). {spilling} of them spill registers."));
        line("");
    }

    private static string Met(Figure figure) => (figure.IsRight, figure.IsMet) switch
    {
        (false, _) => "**wrong result**",
        (_, true) => "yes",
        (_, false) => "**no**",
        _ => "",
    };

    private static string Time(Timing time) => time.Median < 1000
        ? Text($"{time.Median:F1} ({time.First:F1}-{time.Third:F1})")
        : Text($"{time.Median:F0} ({time.First:F0}-{time.Third:F0})");

    private static string LastLine(GpuReport report, string stage)
        => OneLine(report.Texts.GetValueOrDefault(stage, "").Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "");

    private static string OneLine(string text)
    {
        const int MaxLength = 400;
        string line = text.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal).Trim();
        return line.Length <= MaxLength ? line : line[..MaxLength] + "…";
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
