using System.Globalization;

namespace Spn.GpuBenchmarks.Report;

/// <summary>How a stage of the check ended.</summary>
/// <param name="Name">The name of the stage and of its log.</param>
/// <param name="ExitCode">The exit code, 0 on success.</param>
/// <param name="Seconds">The duration in seconds.</param>
/// <param name="LimitSeconds">The time limit in seconds.</param>
internal sealed record StageResult(string Name, int ExitCode, int Seconds, int LimitSeconds)
{
    // The exit codes of `timeout` for a program that ended on request and for one that had to be killed.
    private const int TimedOut = 124, Killed = 137;

    public bool Succeeded => ExitCode == 0;

    public bool RanOutOfTime => ExitCode == TimedOut;

    /// <summary>The outcome, for display.</summary>
    public string Outcome => ExitCode switch
    {
        0 => "done",
        TimedOut => $"stopped after {LimitSeconds} s",
        Killed => "killed: too slow, or out of memory",
        > 128 => $"ended by signal {ExitCode - 128}",
        _ => $"exit code {ExitCode}",
    };

    /// <summary>Reads the stages from a <see cref="ReportFolder.Stages"/> file and skips invalid lines.</summary>
    public static IReadOnlyList<StageResult> Read(string path)
    {
        var stages = new List<StageResult>();
        foreach (string line in File.Exists(path) ? File.ReadLines(path) : [])
        {
            if (line.Split('\t') is [var name, var code, var seconds, var limit] && Number(code) is { } c && Number(seconds) is { } s
                && Number(limit) is { } l)
                stages.Add(new StageResult(name, c, s, l));
        }

        return stages;
    }

    private static int? Number(string text) => int.TryParse(text, CultureInfo.InvariantCulture, out int number) ? number : null;
}
