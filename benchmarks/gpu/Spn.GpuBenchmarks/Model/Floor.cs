namespace Spn.GpuBenchmarks.Model;

/// <summary>
/// The minimum time of a round on a device, in microseconds: its launches plus the larger of its chain and its traffic at the speed of a
/// copy.
/// </summary>
/// <param name="Launch">The time of the launches, measured with empty kernels.</param>
/// <param name="Chain">The time of the scan's steps.</param>
/// <param name="Traffic">The time to transfer the scheme's bytes.</param>
/// <param name="FusedTraffic">The time to transfer the goal's bytes.</param>
internal sealed record Floor(double Launch, double Chain, double Traffic, double FusedTraffic)
{
    /// <summary>The allowed time of a round, as a multiple of its floor.</summary>
    public const double Allowed = 1.25;

    /// <param name="cost">The cost of the round.</param>
    /// <param name="launch">The time of its launches in microseconds.</param>
    /// <param name="clock">Cycles per microsecond.</param>
    /// <param name="bandwidth">Bytes that a copy reads and writes per microsecond.</param>
    public static Floor Of(RoundCost cost, double launch, double clock, double bandwidth)
        => new(launch, cost.ChainCycles / clock, cost.Bytes / bandwidth, cost.FusedBytes / bandwidth);

    public double Microseconds => Launch + Math.Max(Chain, Traffic);

    /// <summary>The floor of the goal.</summary>
    public double FusedMicroseconds => Launch + Math.Max(Chain, FusedTraffic);
}
