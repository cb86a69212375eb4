namespace Spn.Propagation.Cuda;

/// <summary>How scan.cuh's kernels are laid over a shape: pixels a lane, channels a block, and how a line is shared out.</summary>
/// <param name="Pixels">Pixels of a lane.</param>
/// <param name="Channels">Channels of a block: they share gates that are read and normalised once.</param>
/// <param name="Lines">Lines of a tile (SPN_LINES).</param>
/// <param name="Stages">Tiles in the ring: one is scanned, the others are on their way.</param>
/// <param name="Warps">Warps of a block.</param>
/// <param name="Segments">Blocks that share a line.</param>
/// <param name="SegmentPixels">Pixels that each of them writes.</param>
/// <param name="Margin">Pixels that each stages beyond them, on either side.</param>
/// <param name="Cluster">Blocks of a cluster: <paramref name="Segments"/>, or 1.</param>
/// <param name="TilesPerLaunch">Tiles until the margin is used up; 0 for all.</param>
/// <param name="SharedBytes">Shared memory of a block.</param>
internal sealed record ScanPlan(
    int Pixels, int Channels, int Lines, int Stages, int Warps, int Segments, int SegmentPixels, int Margin, int Cluster, int TilesPerLaunch, int SharedBytes)
{
    /// <summary>Steps between two exchanges of edges, and the pixels that go stale meanwhile (SPN_HALO).</summary>
    public const int Halo = 8;

    // What a block scans beyond its segment where there are no clusters, and so the steps of a launch; less where shared memory is short.
    private const int LongestMargin = 64;

    private const int WarpSize = 32;
    private const int MostWarps = 8;
    private const int MostChannels = 4;
    private const int FewestLines = 4;

    // Shared memory that a block takes besides what it asks for.
    private const int Reserved = 1024;

    // Below this a segment's margins cost more than another multiprocessor brings.
    private const int ShortestSegment = 128;

    /// <summary>The compile-time bound of <see cref="Channels"/> (SPN_CHANNELS).</summary>
    public int ChannelBound => Channels == 1 ? 1 : MostChannels;

    /// <summary>Lines of a tile where there is room: 32 bytes of a row, a sector.</summary>
    public static int SectorLines(CudaScalar scalar) => 32 / scalar.Size();

    /// <summary>Blocks that share out a group's channels.</summary>
    public int Chunks(in PropagationShape shape) => Runs(shape, Channels);

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
        long groups = (long)shape.Batch * directions * shape.Groups;
        int mostSegments = MostSegments(limits, LongestLine(shape));
        int channels = Math.Min(shape.ChannelsPerGroup, MostChannels);
        // Segments first: blocks that share out channels read, and normalise, the same gates again.
        while (channels > 1 && IsIdle(limits, groups * Runs(shape, channels) * mostSegments))
            channels /= 2;

        int sector = SectorLines(op.Scalar);
        foreach (int lines in sector > FewestLines ? new[] { sector, sector / 2 } : [sector])
        {
            for (int run = channels; run >= 1; run /= 2)
            {
                if (new Candidate(limits, op, backward, run, lines).WholeLines(groups * Runs(shape, run)) is { } plan)
                    return plan;
            }
        }

        return new Candidate(limits, op, backward, 1, Math.Max(FewestLines, sector / 2)).Pieces()
            ?? throw new NotSupportedException($"A scan of {op} does not fit in {limits.SharedBytesPerBlock} bytes of shared memory.");
    }

    /// <summary>So few blocks leave a good part of the device without work.</summary>
    public static bool IsIdle(in CudaLimits limits, long blocks) => 4 * blocks < 3L * limits.Multiprocessors;

    private static int LongestLine(in PropagationShape shape) => Math.Max(shape.ColumnDirections > 0 ? shape.Height : 1, shape.RowDirections > 0 ? shape.Width : 1);

    private static int MostSegments(in CudaLimits limits, int longest)
    {
        int segments = 1;
        while (2 * segments <= limits.MaxCluster && longest >= 2 * segments * ShortestSegment)
            segments *= 2;
        return segments;
    }

    private static int Runs(in PropagationShape shape, int channels) => (shape.ChannelsPerGroup + channels - 1) / channels;

    /// <summary>The tile's shape is chosen, how a line is shared out is not.</summary>
    private readonly record struct Candidate(CudaLimits Limits, CudaOperator Op, bool Backward, int Channels, int Lines)
    {
        private int Longest => LongestLine(Op.Shape);

        /// <summary>A block a line, or a cluster.</summary>
        public ScanPlan? WholeLines(long units)
        {
            // More segments where blocks are few; and two blocks a multiprocessor hide each other's barriers.
            int wanted = 1;
            while (IsIdle(Limits, units * wanted) && 2 * wanted <= MostSegments(Limits, Longest))
                wanted *= 2;
            return Clusters(wanted, MostSegments(Limits, Longest), (Limits.SharedBytesPerBlock - Reserved) / 2)
                ?? Clusters(wanted, Limits.MaxCluster, Limits.SharedBytesPerBlock);
        }

        private ScanPlan? Clusters(int fewest, int most, int budget)
        {
            for (int segments = fewest; segments <= most; segments *= 2)
            {
                if (Fit(segments, segments > 1 ? Halo : 0, segments, budget) is { } plan)
                    return plan;
            }

            return null;
        }

        /// <summary>Launches of as many steps as a margin allows.</summary>
        public ScanPlan? Pieces()
        {
            for (int margin = LongestMargin; margin >= Math.Max(Lines, Halo); margin /= 2)
            {
                for (int warps = MostWarps; warps >= 1; warps--)
                {
                    int segment = Held(warps, LanePixels[0]) - 2 * margin;
                    if (segment >= margin && Fit((Longest + segment - 1) / segment, margin, 1, Limits.SharedBytesPerBlock) is { } plan)
                        return plan with { TilesPerLaunch = margin / Lines };
                }
            }

            return null;
        }

        private ScanPlan? Fit(int segments, int margin, int cluster, int budget)
        {
            int segment = ((Longest + segments - 1) / segments + Halo - 1) / Halo * Halo;
            // A single warp needs no barrier; else the fewer lanes without a pixel the better.
            var shapes = LanePixels.Select(pixels => (Pixels: pixels, Warps: WarpsFor(segment + 2 * margin, pixels)))
                .OrderBy(lane => lane.Warps > 1).ThenBy(lane => Held(lane.Warps, lane.Pixels));
            foreach ((int pixels, int warps) in shapes)
            {
                for (int stages = 3; stages >= 2 && warps <= MostWarps; stages--)
                {
                    long bytes = SharedMemory(Held(warps, pixels), stages);
                    if (bytes <= budget)
                        return new ScanPlan(pixels, Channels, Lines, stages, warps, segments, segment, margin, cluster, 0, (int)bytes);
                }
            }

            return null;
        }

        /// <summary>Pixels that a lane may hold.</summary>
        private int[] LanePixels => Op.Scalar == CudaScalar.Float64 ? [2] : [2, 4];

        /// <summary>Pixels that a block's warps hold: they overlap by the halo on either side.</summary>
        private static int Held(int warps, int pixels) => warps == 1 ? WarpSize * pixels : warps * (WarpSize * pixels - 2 * Halo) + 2 * Halo;

        private static int WarpsFor(int needed, int pixels)
        {
            int warps = 1;
            while (Held(warps, pixels) < needed)
                warps++;
            return warps;
        }

        /// <summary>As <c>arrange</c> in forward.cu and backward.cu lays it out.</summary>
        private long SharedMemory(int held, int stages)
        {
            int size = Op.Scalar.Size(), real = Op.Scalar.RealSize();
            long line = TileStride(held, size) * size, resultLine = TileStride(held, real) * real;
            long exchange = 2L * Channels * held * real;
            if (!Backward)
                return stages * (Op.GateMaps + Channels) * Lines * line + 2 * Channels * Lines * resultLine + exchange;

            int pack = size < 4 ? 4 / size : 1;
            long winners = Op.Merge == DirectionMerge.Max && Op.Shape.DirectionCount > 1 ? Lines * TileStride(held, 1) : 0;
            long channel = (3 * Lines + pack) * line + winners;
            return stages * (Op.GateMaps * Lines * line + Channels * channel) + 2 * (Op.GateMaps + Channels) * Lines * resultLine + exchange;
        }
    }

    /// <summary><c>tile_stride</c> in tile.cuh.</summary>
    public static long TileStride(int held, int elementSize) => (held + WarpSize - 1) / WarpSize * WarpSize + 16 / elementSize;
}
