namespace Spn.Propagation.Cuda;

/// <summary>How scan.cuh's kernels are laid over a shape: pixels a lane, channels a block, and how a line is shared out.</summary>
/// <param name="Pixels">Pixels of a lane.</param>
/// <param name="Channels">Channels of a block: they share gates that are read and normalised once.</param>
/// <param name="Stages">Tiles in the ring: one is scanned, the others are on their way.</param>
/// <param name="Warps">Warps of a block.</param>
/// <param name="Segments">Blocks that share a line.</param>
/// <param name="SegmentPixels">Pixels that each of them writes.</param>
/// <param name="Margin">Pixels that each stages beyond them, on either side.</param>
/// <param name="Cluster">Blocks of a cluster: <paramref name="Segments"/>, or 1.</param>
/// <param name="TilesPerLaunch">Tiles until the margin is used up; 0 for all.</param>
/// <param name="SharedBytes">Shared memory of a block.</param>
internal sealed record ScanPlan(
    int Pixels, int Channels, int Stages, int Warps, int Segments, int SegmentPixels, int Margin, int Cluster, int TilesPerLaunch, int SharedBytes)
{
    /// <summary>Steps between two exchanges of edges, and the pixels that go stale meanwhile (SPN_HALO).</summary>
    public const int Halo = 8;

    // What a block of a line scans beyond its segment where there are no clusters: 64 steps a launch.
    private const int LongMargin = 64;

    private const int WarpSize = 32;
    private const int MostWarps = 8;
    private const int MostChannels = 4;

    // Below this a segment's margins cost more than another multiprocessor brings.
    private const int ShortestSegment = 128;

    /// <summary>The compile-time bound of <see cref="Channels"/> (SPN_CHANNELS).</summary>
    public int ChannelBound => Channels == 1 ? 1 : MostChannels;

    /// <summary>Lines of a tile (SPN_LINES).</summary>
    public static int Lines(CudaScalar scalar) => scalar.Size() == 2 ? 16 : 8;

    /// <summary>Blocks that share out a group's channels.</summary>
    public int Chunks(in PropagationShape shape) => (shape.ChannelsPerGroup + Channels - 1) / Channels;

    /// <summary>Scans that blocks do side by side: (n, direction, group, run of channels).</summary>
    public long Units(in PropagationShape shape, int directions) => (long)shape.Batch * directions * shape.Groups * Chunks(shape);

    /// <summary>The plan for a forward or a backward scan.</summary>
    /// <param name="limits">The device's.</param>
    /// <param name="op">The operator.</param>
    /// <param name="directions">Directions of a launch.</param>
    /// <param name="backward">The pass.</param>
    public static ScanPlan Make(in CudaLimits limits, in CudaOperator op, int directions, bool backward)
    {
        PropagationShape shape = op.Shape;
        int longest = Math.Max(shape.ColumnDirections > 0 ? shape.Height : 1, shape.RowDirections > 0 ? shape.Width : 1);
        int pixels = longest <= 2 * WarpSize ? 2 : 4;
        long units = (long)shape.Batch * directions * shape.Groups;
        int channels = Math.Min(shape.ChannelsPerGroup, MostChannels);
        while (channels > 1 && units * ((shape.ChannelsPerGroup + channels - 1) / channels) < limits.Multiprocessors)
            channels /= 2;
        units *= (shape.ChannelsPerGroup + channels - 1) / channels;

        // Two blocks a multiprocessor hide each other's barriers; more segments where blocks are few.
        foreach (int budget in new[] { limits.SharedBytesPerBlock / 2, limits.SharedBytesPerBlock })
        {
            int wanted = 1;
            while (units * wanted < limits.Multiprocessors && longest >= 2 * wanted * ShortestSegment && 2 * wanted <= limits.MaxCluster)
                wanted *= 2;
            for (int segments = wanted; segments <= limits.MaxCluster; segments *= 2)
            {
                if (Fit(limits, op, backward, longest, pixels, channels, segments, segments > 1 ? Halo : 0, segments, budget) is { } plan)
                    return plan;
            }
        }

        return Pieces(limits, op, backward, longest, pixels, channels)
            ?? Pieces(limits, op, backward, longest, pixels, 1)
            ?? throw new NotSupportedException($"A scan of {op} does not fit in {limits.SharedBytesPerBlock} bytes of shared memory.");
    }

    private static ScanPlan? Pieces(in CudaLimits limits, in CudaOperator op, bool backward, int longest, int pixels, int channels)
    {
        for (int warps = MostWarps; warps >= 1; warps--)
        {
            int segment = Math.Min(Staged(pixels, warps), longest + 2 * LongMargin) - 2 * LongMargin;
            if (segment < Halo)
                continue;
            int segments = (longest + segment - 1) / segment;
            if (Fit(limits, op, backward, longest, pixels, channels, segments, LongMargin, 1, limits.SharedBytesPerBlock) is { } plan)
                return plan with { TilesPerLaunch = LongMargin / Lines(op.Scalar) };
        }

        return null;
    }

    private static ScanPlan? Fit(
        in CudaLimits limits, in CudaOperator op, bool backward, int longest, int pixels, int channels, int segments, int margin, int cluster, int budget)
    {
        int segment = ((longest + segments - 1) / segments + Halo - 1) / Halo * Halo;
        int warps = 1;
        while (warps <= MostWarps && Staged(pixels, warps) < segment + 2 * margin)
            warps++;
        if (warps > MostWarps)
            return null;
        for (int stages = 3; stages >= 2; stages--)
        {
            long bytes = SharedMemory(op, backward, Staged(pixels, warps), channels, stages);
            if (bytes <= budget && bytes <= limits.SharedBytesPerBlock)
                return new ScanPlan(pixels, channels, stages, warps, segments, segment, margin, cluster, 0, (int)bytes);
        }

        return null;
    }

    /// <summary>Pixels that a block's warps hold: they overlap by the halo on either side.</summary>
    private static int Staged(int pixels, int warps) => warps == 1 ? WarpSize * pixels : warps * (WarpSize * pixels - 2 * Halo) + 2 * Halo;

    /// <summary>As <c>arrange</c> in forward.cu and backward.cu lays it out.</summary>
    private static long SharedMemory(in CudaOperator op, bool backward, int staged, int channels, int stages)
    {
        int lines = Lines(op.Scalar), size = op.Scalar.Size(), real = op.Scalar.RealSize();
        long line = TileStride(staged, size) * size, resultLine = TileStride(staged, real) * real;
        long exchange = 2L * channels * staged * real;
        if (!backward)
            return stages * (op.GateMaps + channels) * lines * line + 2 * channels * lines * resultLine + exchange;

        int pack = size < 4 ? 4 / size : 1;
        long winners = op.Merge == DirectionMerge.Max && op.Shape.DirectionCount > 1 ? lines * TileStride(staged, 1) : 0;
        long channel = (3 * lines + pack) * line + winners;
        return stages * (op.GateMaps * lines * line + channels * channel) + 2 * (op.GateMaps + channels) * lines * resultLine + exchange;
    }

    /// <summary><c>tile_stride</c> in tile.cuh.</summary>
    public static long TileStride(int staged, int elementSize) => (staged + WarpSize - 1) / WarpSize * WarpSize + 16 / elementSize;
}
