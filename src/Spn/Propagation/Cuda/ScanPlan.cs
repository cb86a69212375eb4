namespace Spn.Propagation.Cuda;

/// <summary>The mapping of scan.cuh's kernels to a shape: pixels per lane, channels per block, and how a line is divided.</summary>
/// <param name="Pixels">Pixels per lane.</param>
/// <param name="Channels">Channels per block; they share gates that are read and normalised once.</param>
/// <param name="Lines">Lines per tile (SPN_LINES).</param>
/// <param name="Stages">Tiles in the ring buffer: one is being scanned while the others are being copied.</param>
/// <param name="Warps">Warps per block.</param>
/// <param name="Segments">Number of blocks that share a line.</param>
/// <param name="SegmentPixels">Pixels of a line that each of these blocks writes.</param>
/// <param name="Margin">Additional pixels that each of them stages on either side.</param>
/// <param name="Cluster">Blocks per cluster: <paramref name="Segments"/>, or 1.</param>
/// <param name="TilesPerLaunch">Number of tiles after which the margin is used up; 0 if one launch processes all tiles.</param>
/// <param name="SharedBytes">Shared memory per block in bytes.</param>
internal sealed record ScanPlan(
    int Pixels, int Channels, int Lines, int Stages, int Warps, int Segments, int SegmentPixels, int Margin, int Cluster,
    int TilesPerLaunch, int SharedBytes)
{
    /// <summary>Steps between two exchanges of edges, and the number of edge pixels that become stale between them (SPN_HALO).</summary>
    public const int Halo = 8;

    // The pixels that a block scans beyond its segment if there are no clusters, and therefore the steps per launch; smaller if shared
    // memory is short.
    private const int MaxMargin = 64;

    private const int WarpSize = 32;
    private const int MaxWarps = 8;
    private const int MaxChannels = 4;
    private const int MinLines = 4;

    // Shared memory that the hardware reserves per block.
    private const int Reserved = 1024;

    // Below this length, a segment's margins cost more than another multiprocessor gains.
    private const int MinSegment = 128;

    /// <summary>The compile-time bound of <see cref="Channels"/> (SPN_CHANNELS).</summary>
    public int ChannelBound => Channels == 1 ? 1 : MaxChannels;

    /// <summary>The launch of a single cluster.</summary>
    public CudaLaunch OneCluster => new(Cluster, WarpSize * Warps, SharedBytes, Cluster);

    /// <summary>Lines per tile if shared memory allows: 32 bytes of a row, one sector.</summary>
    public static int SectorLines(CudaScalar scalar) => 32 / scalar.Size();

    /// <summary>Number of blocks that divide a group's channels among them.</summary>
    public int Chunks(in PropagationShape shape) => Runs(shape, Channels);

    /// <summary>Number of independent scans: (n, direction, group, chunk of channels).</summary>
    public long Units(in PropagationShape shape, int directions) => (long)shape.Batch * directions * shape.Groups * Chunks(shape);

    /// <summary>Plans a forward or a backward scan.</summary>
    /// <param name="limits">The device's limits.</param>
    /// <param name="op">The operator.</param>
    /// <param name="directions">Directions per launch.</param>
    /// <param name="backward">Whether to plan the backward pass.</param>
    /// <exception cref="NotSupportedException">The scan does not fit in the device's shared memory.</exception>
    public static ScanPlan Make(in CudaLimits limits, in CudaOperator op, int directions, bool backward)
    {
        PropagationShape shape = op.Shape;
        long groups = (long)shape.Batch * directions * shape.Groups;
        int maxSegments = MaxSegments(limits, LongestLine(shape));
        int channels = Math.Min(shape.ChannelsPerGroup, MaxChannels);
        // Prefer segments: blocks that divide the channels all read and normalise the same gates.
        while (channels > 1 && IsIdle(limits, groups * Runs(shape, channels) * maxSegments))
            channels /= 2;

        int sector = SectorLines(op.Scalar);
        foreach (int lines in sector > MinLines ? new[] { sector, sector / 2 } : [sector])
        {
            for (int run = channels; run >= 1; run /= 2)
            {
                if (new Candidate(limits, op, backward, run, lines).WholeLines(groups * Runs(shape, run)) is { } plan)
                    return plan;
            }
        }

        return new Candidate(limits, op, backward, 1, Math.Max(MinLines, sector / 2)).Pieces()
            ?? throw new NotSupportedException($"A scan of {op} does not fit in {limits.SharedBytesPerBlock} bytes of shared memory.");
    }

    /// <summary>Whether so few blocks would leave a large part of the device idle.</summary>
    public static bool IsIdle(in CudaLimits limits, long blocks) => 4 * blocks < 3L * limits.Multiprocessors;

    private static int LongestLine(in PropagationShape shape)
        => Math.Max(shape.ColumnDirections > 0 ? shape.Height : 1, shape.RowDirections > 0 ? shape.Width : 1);

    private static int MaxSegments(in CudaLimits limits, int longest)
    {
        int segments = 1;
        while (2 * segments <= limits.MaxCluster && longest >= 2 * segments * MinSegment)
            segments *= 2;
        return segments;
    }

    private static int Runs(in PropagationShape shape, int channels) => (shape.ChannelsPerGroup + channels - 1) / channels;

    /// <summary>A chosen tile shape, for which the division of a line is still open.</summary>
    private readonly record struct Candidate(CudaLimits Limits, CudaOperator Op, bool Backward, int Channels, int Lines)
    {
        private int Longest => LongestLine(Op.Shape);

        /// <summary>One block or one cluster per line.</summary>
        public ScanPlan? WholeLines(long units)
        {
            // Use more segments if there are few blocks. Two blocks per multiprocessor hide each other's barriers.
            int wanted = 1;
            while (IsIdle(Limits, units * wanted) && 2 * wanted <= MaxSegments(Limits, Longest))
                wanted *= 2;
            return Clusters(wanted, MaxSegments(Limits, Longest), (Limits.SharedBytesPerBlock - Reserved) / 2)
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

        /// <summary>Several launches, each with as many steps as a margin allows.</summary>
        public ScanPlan? Pieces()
        {
            for (int margin = MaxMargin; margin >= Math.Max(Lines, Halo); margin /= 2)
            {
                for (int warps = MaxWarps; warps >= 1; warps--)
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
            // A single warp needs no barrier; otherwise prefer the shape with the fewest lanes without a pixel.
            var shapes = LanePixels.Select(pixels => (Pixels: pixels, Warps: WarpsFor(segment + 2 * margin, pixels)))
                .OrderBy(lane => lane.Warps > 1).ThenBy(lane => Held(lane.Warps, lane.Pixels));
            foreach ((int pixels, int warps) in shapes)
            {
                for (int stages = 3; stages >= 2 && warps <= MaxWarps; stages--)
                {
                    long bytes = SharedMemory(Held(warps, pixels), stages);
                    if (bytes <= budget)
                        return new ScanPlan(pixels, Channels, Lines, stages, warps, segments, segment, margin, cluster, 0, (int)bytes);
                }
            }

            return null;
        }

        /// <summary>The supported numbers of pixels per lane.</summary>
        private int[] LanePixels => Op.Scalar == CudaScalar.Float64 ? [2] : [2, 4];

        /// <summary>Pixels that a block's warps hold. Adjacent warps overlap by the halo on either side.</summary>
        private static int Held(int warps, int pixels)
            => warps == 1 ? WarpSize * pixels : warps * (WarpSize * pixels - 2 * Halo) + 2 * Halo;

        private static int WarpsFor(int needed, int pixels)
        {
            int warps = 1;
            while (Held(warps, pixels) < needed)
                warps++;
            return warps;
        }

        /// <summary>The shared memory layout of <c>arrange</c> in forward.cu and backward.cu.</summary>
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
            long staged = stages * (Op.GateMaps * Lines * line + Channels * channel);
            return staged + 2 * (Op.GateMaps + Channels) * Lines * resultLine + exchange;
        }
    }

    /// <summary><c>tile_stride</c> in tile.cuh.</summary>
    public static long TileStride(int held, int elementSize) => (held + WarpSize - 1) / WarpSize * WarpSize + 16 / elementSize;
}
