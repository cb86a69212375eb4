using System.Globalization;

namespace Spn.GpuBenchmarks.Report;

/// <summary>How a stage of the check ended.</summary>
/// <param name="Name">Its name, which its log has too.</param>
/// <param name="ExitCode">0 for success.</param>
/// <param name="Seconds">What it took.</param>
/// <param name="LimitSeconds">What it was given.</param>
internal sealed record StageResult(string Name, int ExitCode, int Seconds, int LimitSeconds)
{
    // Of `timeout`, for a program that ended at its request and one that had to be killed.
    private const int TimedOut = 124, Killed = 137;

    public bool Succeeded => ExitCode == 0;

    /// <summary>The end, for people.</summary>
    public string Outcome => ExitCode switch
    {
        0 => "done",
        TimedOut => $"stopped after {LimitSeconds} s",
        Killed => "killed: too slow, or out of memory",
        > 128 => $"ended by signal {ExitCode - 128}",
        _ => $"exit code {ExitCode}",
    };

    /// <summary>The stages of a file of <see cref="ReportFolder.Stages"/>; lines that are none are left out.</summary>
    public static IReadOnlyList<StageResult> Read(string path)
    {
        var stages = new List<StageResult>();
        foreach (string line in File.Exists(path) ? File.ReadLines(path) : [])
        {
            if (line.Split('\t') is [var name, var code, var seconds, var limit] && Number(code) is { } c && Number(seconds) is { } s && Number(limit) is { } l)
                stages.Add(new StageResult(name, c, s, l));
        }

        return stages;
    }

    private static int? Number(string text) => int.TryParse(text, CultureInfo.InvariantCulture, out int number) ? number : null;
}
