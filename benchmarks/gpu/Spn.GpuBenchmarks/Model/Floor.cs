namespace Spn.GpuBenchmarks.Model;

/// <summary>The least time of a round on a device, in microseconds: its launches, and the longer one of its chain and its traffic at the pace of a copy.</summary>
/// <param name="Launch">What the launches cost that do nothing.</param>
/// <param name="Chain">The scan's steps.</param>
/// <param name="Traffic">The scheme's bytes.</param>
/// <param name="FusedTraffic">The bytes of the goal.</param>
internal sealed record Floor(double Launch, double Chain, double Traffic, double FusedTraffic)
{
    /// <summary>A round may take so many times its floor.</summary>
    public const double Allowed = 1.25;

    /// <param name="cost">The round's.</param>
    /// <param name="launch">Microseconds of its launches.</param>
    /// <param name="clock">Cycles a microsecond.</param>
    /// <param name="bandwidth">Bytes that a copy reads and writes in a microsecond.</param>
    public static Floor Of(RoundCost cost, double launch, double clock, double bandwidth)
        => new(launch, cost.ChainCycles / clock, cost.Bytes / bandwidth, cost.FusedBytes / bandwidth);

    public double Microseconds => Launch + Math.Max(Chain, Traffic);

    /// <summary>The goal's floor.</summary>
    public double FusedMicroseconds => Launch + Math.Max(Chain, FusedTraffic);
}
