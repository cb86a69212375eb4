namespace Spn.GpuBenchmarks;

/// <summary>The exit codes of this program.</summary>
internal static class ExitCode
{
    public const int Bad = 1, Usage = 2;

    /// <summary>Requests another process to continue.</summary>
    public const int Again = 75;
}
