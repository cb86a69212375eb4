namespace Spn.Propagation.Cuda;

/// <summary>How a forward round's directions become its result.</summary>
internal enum ForwardScheme
{
    /// <summary>One launch scans and merges a plane in shared memory.</summary>
    Plane,

    /// <summary>One launch scans straight into the result: a single direction, or no merge.</summary>
    Direct,

    /// <summary>A launch a direction, each joined with what is in the result: no memory besides, for work that fills the device.</summary>
    Accumulate,

    /// <summary>One launch scans all directions into maps of their own, another merges them: where they are kept for the backward pass, or one direction alone
    /// would leave multiprocessors idle.</summary>
    Merge,
}

/// <summary>What a forward round launches.</summary>
/// <param name="Scheme">How directions are merged.</param>
/// <param name="Scan">The scan's layout; null for <see cref="ForwardScheme.Plane"/>.</param>
/// <param name="PlaneShared">Shared memory of a plane's block; 0 elsewhere.</param>
/// <param name="ScratchBytes">Device memory that the round needs besides.</param>
/// <param name="StateBytes">Of it, what launches hand each other.</param>
internal sealed record ForwardPlan(ForwardScheme Scheme, ScanPlan? Scan, int PlaneShared, long ScratchBytes, long StateBytes)
{
    private const int PlanePixels = 4;

    /// <summary>Stages of a plane's gates.</summary>
    public const int PlaneStages = 3;

    /// <param name="limits">The device's.</param>
    /// <param name="op">The operator.</param>
    /// <param name="keepsHidden">Every direction's map has a buffer.</param>
    public static ForwardPlan Make(in CudaLimits limits, in CudaOperator op, bool keepsHidden)
    {
        PropagationShape shape = op.Shape;
        int directions = shape.DirectionCount;
        if (op.Merge == DirectionMerge.None || (directions == 1 && !keepsHidden))
            return Scanned(ForwardScheme.Direct, ScanPlan.Make(limits, op, directions, backward: false), op, directions, 0);
        if (keepsHidden)
            return Scanned(ForwardScheme.Merge, ScanPlan.Make(limits, op, directions, backward: false), op, directions, 0);

        if (Math.Max(shape.Height, shape.Width) <= 32 * PlanePixels && PlaneSharedMemory(op) is var shared && shared <= limits.SharedBytesPerBlock)
            return new ForwardPlan(ForwardScheme.Plane, null, (int)shared, 0, 0);

        // A running mean in 16 bits would round after every direction.
        ScanPlan alone = ScanPlan.Make(limits, op, 1, backward: false);
        if (!ScanPlan.IsIdle(limits, alone.Units(shape, 1) * alone.Segments) && (op.Merge == DirectionMerge.Max || op.Scalar.Size() > 2))
            return Scanned(ForwardScheme.Accumulate, alone, op, 1, 0);
        return Scanned(ForwardScheme.Merge, ScanPlan.Make(limits, op, directions, backward: false), op, directions, op.MapElements * directions * op.Scalar.Size());
    }

    /// <summary>Pixels a lane where a warp holds a plane's line.</summary>
    public static int PlanePixelsOf(in PropagationShape shape) => Math.Max(shape.Height, shape.Width) <= 64 ? 2 : PlanePixels;

    private static ForwardPlan Scanned(ForwardScheme scheme, ScanPlan scan, in CudaOperator op, int directions, long hidden)
    {
        long state = StateMemory(scan, op, directions);
        return new ForwardPlan(scheme, scan, 0, Aligned(hidden) + state, state);
    }

    /// <summary>Two lines for each scan, where a line takes several launches.</summary>
    public static long StateMemory(ScanPlan scan, in CudaOperator op, int directions)
        => scan.TilesPerLaunch == 0 ? 0 : 2 * scan.Units(op.Shape, directions) * scan.Channels * StateStride(op.Shape) * op.Scalar.RealSize();

    /// <summary>Elements of a state's line.</summary>
    public static long StateStride(in PropagationShape shape) => Math.Max(shape.Height, shape.Width);

    public static long Aligned(long bytes) => (bytes + 255) / 256 * 256;

    /// <summary>As plane.cu lays it out.</summary>
    private static long PlaneSharedMemory(in CudaOperator op)
    {
        PropagationShape shape = op.Shape;
        long plane = ((long)shape.Height * (shape.Width | 1) + 3) / 4 * 4;
        long tile = ScanPlan.SectorLines(op.Scalar) * ScanPlan.TileStride(32 * PlanePixelsOf(shape), op.Scalar.Size()) * op.Scalar.Size();
        return (1 + shape.DirectionCount) * plane * op.Scalar.RealSize() + shape.DirectionCount * PlaneStages * op.GateMaps * tile;
    }
}
