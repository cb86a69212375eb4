namespace Spn.Propagation.Cuda;

/// <summary>How a forward round combines the results of its directions.</summary>
internal enum ForwardScheme
{
    /// <summary>One launch scans and merges each plane in shared memory, in any number of rounds.</summary>
    Plane,

    /// <summary>One launch scans directly into the result: a single direction, or no merge.</summary>
    Direct,

    /// <summary>
    /// One launch per direction, each combined with the values already in the result. It needs no additional memory and suits work that
    /// fills the device.
    /// </summary>
    Accumulate,

    /// <summary>
    /// One launch scans all directions into separate maps and another merges them: used if the maps are saved for the backward pass, or if
    /// a single direction would leave multiprocessors idle.
    /// </summary>
    Merge,
}

/// <summary>The launches of a forward round.</summary>
/// <param name="Scheme">How the directions are merged.</param>
/// <param name="Scan">
/// The layout of the scan; null for <see cref="ForwardScheme.Plane"/>. For <see cref="ForwardScheme.Accumulate"/> that of columns, if there
/// are any.
/// </param>
/// <param name="Rows">
/// The layout for rows if they are scanned separately from columns. Their tiles can have fewer lines than those of columns, which read
/// whole sectors, so a multiprocessor holds more warps.
/// </param>
/// <param name="PlaneShared">Shared memory per block in bytes for <see cref="ForwardScheme.Plane"/>; otherwise 0.</param>
/// <param name="ScratchBytes">Device memory that the round needs in addition to its buffers.</param>
/// <param name="StateBytes">The part of it that holds the scan state passed between launches.</param>
internal sealed record ForwardPlan(
    ForwardScheme Scheme, ScanPlan? Scan, ScanPlan? Rows, int PlaneShared, long ScratchBytes, long StateBytes)
{
    /// <summary>Pipeline stages of a plane's gates.</summary>
    public const int PlaneStages = 2;

    /// <summary>The number of rounds that one launch can compute.</summary>
    public int MaxRounds => Scheme == ForwardScheme.Plane ? int.MaxValue : 1;

    /// <param name="limits">The device's limits.</param>
    /// <param name="op">The operator.</param>
    /// <param name="keepsHidden">Whether there is a buffer for the maps of all directions.</param>
    public static ForwardPlan Make(in CudaLimits limits, in CudaOperator op, bool keepsHidden)
    {
        PropagationShape shape = op.Shape;
        int directions = shape.DirectionCount;
        if (op.Merge == DirectionMerge.None || (directions == 1 && !keepsHidden))
            return Scanned(ForwardScheme.Direct, ScanPlan.Make(limits, op, directions, backward: false), op, directions, 0);
        if (keepsHidden)
            return Scanned(ForwardScheme.Merge, ScanPlan.Make(limits, op, directions, backward: false), op, directions, 0);

        if (Math.Max(shape.Height, shape.Width) <= PlaneSide(op.Scalar) && PlaneSharedMemory(op) is var shared
            && shared <= limits.SharedBytesPerBlock)
            return new ForwardPlan(ForwardScheme.Plane, null, null, (int)shared, 0, 0);

        // A running mean in a 16-bit type would be rounded after every direction.
        if (op.Merge == DirectionMerge.Max || op.Scalar.Size() > 2)
        {
            ScanPlan? columns = Alone(limits, op, ScanDirections.LeftToRight | ScanDirections.RightToLeft);
            ScanPlan? rows = Alone(limits, op, ScanDirections.TopToBottom | ScanDirections.BottomToTop);
            if (IsBusy(limits, shape, columns) && IsBusy(limits, shape, rows))
            {
                long state = Math.Max(StateMemory(columns, op, 1), StateMemory(rows, op, 1));
                return new ForwardPlan(ForwardScheme.Accumulate, columns ?? rows, rows, 0, state, state);
            }
        }

        ScanPlan all = ScanPlan.Make(limits, op, directions, backward: false);
        return Scanned(ForwardScheme.Merge, all, op, directions, op.MapElements * directions * op.Scalar.Size());
    }

    /// <summary>The layout for the direction of a launch, or for all directions if a launch scans them together.</summary>
    public ScanPlan ScanOf(ScanDirections directions)
        => directions is ScanDirections.TopToBottom or ScanDirections.BottomToTop && Rows is not null ? Rows : Scan!;

    /// <summary>The longest line that a warp holds.</summary>
    public static int PlaneSide(CudaScalar scalar) => ScanPlan.Held(1, ScanPlan.PixelsOf(scalar));

    // The layout of launches that scan one of these directions each; null if the operator has none of them.
    private static ScanPlan? Alone(in CudaLimits limits, in CudaOperator op, ScanDirections directions)
    {
        directions &= op.Shape.Directions;
        CudaOperator alone = op with { Shape = op.Shape with { Directions = directions } };
        return directions == 0 ? null : ScanPlan.Make(limits, alone, 1, backward: false, combines: true);
    }

    private static bool IsBusy(in CudaLimits limits, in PropagationShape shape, ScanPlan? alone)
        => alone is null || !ScanPlan.IsIdle(limits, alone.Units(shape, 1) * alone.Segments);

    private static ForwardPlan Scanned(ForwardScheme scheme, ScanPlan scan, in CudaOperator op, int directions, long hidden)
    {
        long state = StateMemory(scan, op, directions);
        return new ForwardPlan(scheme, scan, null, 0, Aligned(hidden) + state, state);
    }

    /// <summary>Two lines per scan if a line takes several launches.</summary>
    public static long StateMemory(ScanPlan? scan, in CudaOperator op, int directions)
        => scan is null or { TilesPerLaunch: 0 }
            ? 0
            : 2 * scan.Units(op.Shape, directions) * scan.Channels * StateStride(op.Shape) * op.Scalar.RealSize();

    /// <summary>Elements per line of the scan state.</summary>
    public static long StateStride(in PropagationShape shape) => Math.Max(shape.Height, shape.Width);

    public static long Aligned(long bytes) => (bytes + 255) / 256 * 256;

    /// <summary>The shared memory layout of plane.cu.</summary>
    private static long PlaneSharedMemory(in CudaOperator op)
    {
        PropagationShape shape = op.Shape;
        long plane = ((long)shape.Height * (shape.Width | 1) + 3) / 4 * 4;
        long tile = (long)PlaneSide(op.Scalar) * ScanPlan.SectorLines(op.Scalar) * op.Scalar.Size();
        return (1 + shape.DirectionCount) * plane * op.Scalar.RealSize() + shape.DirectionCount * PlaneStages * op.GateMaps * tile;
    }
}
