namespace Spn.Propagation.Cuda;

/// <summary>
/// Estimates the time of a planned scan, for the choice between plans. A multiprocessor with few warps waits for latencies, with many for
/// instructions; in between, the time is the same.
/// </summary>
internal static class ScanCost
{
    // Shared memory that the hardware reserves per block.
    private const int Reserved = 1024;

    // Below this number of warps, a multiprocessor is not busy.
    private const int BusyWarps = 6;

    // Warps for which a multiprocessor has registers: 128 per thread forward, 255 backward.
    private const int ForwardWarps = 16, BackwardWarps = 8;

    // Relative to a line of one channel: a further channel that shares its gates, and the barrier of a tile.
    private const double Channel = 0.26, Barrier = 1;

    // Columns of half a sector read every sector twice, in the hope that the L2 cache still has it.
    private const double HalfSector = 1.3;

    // Pixels that are held by two warps or lie outside the image cost instructions and traffic.
    private const double Overlap = 1;

    /// <summary>The time in arbitrary units.</summary>
    public static double Of(in CudaLimits limits, in CudaOperator op, ScanPlan plan, int directions, bool backward)
    {
        long blocks = plan.Units(op.Shape, directions) * plan.Segments;
        int inShared = (limits.SharedBytesPerBlock + Reserved) / (plan.SharedBytes + Reserved);
        int perMultiprocessor = Math.Max(1, Math.Min(inShared, (backward ? BackwardWarps : ForwardWarps) / plan.Warps));
        long waves = Waves(blocks, (long)limits.Multiprocessors * perMultiprocessor);
        double resident = Math.Min(perMultiprocessor, Waves(blocks, limits.Multiprocessors)) * plan.Warps;
        double line = (1 + Channel * (plan.Channels - 1)) * (1 + Barrier / plan.Lines);
        double held = (double)plan.Segments * ScanPlan.Held(plan.Warps, plan.Pixels) / ScanPlan.LongestLine(op.Shape);
        bool half = plan.Lines < ScanPlan.SectorLines(op.Scalar) && op.Shape.ColumnDirections > 0;
        return waves * Math.Max(BusyWarps, resident) * line * (1 + Overlap * held) * (half ? HalfSector : 1);
    }

    private static long Waves(long blocks, long slots) => (blocks + slots - 1) / slots;
}
