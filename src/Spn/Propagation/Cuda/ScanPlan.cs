namespace Spn.Propagation.Cuda;

/// <summary>The mapping of scan.cuh's kernels to a shape: channels per block, lines per tile, and how a line is divided.</summary>
/// <param name="Pixels">Pixels per lane.</param>
/// <param name="Channels">Channels per block; they share gates that are read and normalised once.</param>
/// <param name="Lines">Lines per tile (SPN_LINES).</param>
/// <param name="Group">Lines whose gates are normalised together (SPN_GROUP).</param>
/// <param name="Stages">Tiles in the ring buffer: one is being scanned while the others are being copied.</param>
/// <param name="Warps">Warps per block.</param>
/// <param name="Segments">Number of blocks that share a line.</param>
/// <param name="Margin">Pixels per side that a segment shares with the next; 0 for a single segment.</param>
/// <param name="Cluster">Blocks per cluster: <paramref name="Segments"/>, or 1.</param>
/// <param name="TilesPerLaunch">Number of tiles after which the margin is used up; 0 if one launch processes all tiles.</param>
/// <param name="SharedBytes">Shared memory per block in bytes.</param>
internal sealed record ScanPlan(
    int Pixels, int Channels, int Lines, int Group, int Stages, int Warps, int Segments, int Margin, int Cluster, int TilesPerLaunch,
    int SharedBytes)
{
    /// <summary>Steps between two exchanges of edges, and the number of edge pixels that become stale between them (SPN_HALO).</summary>
    public const int Halo = 8;

    /// <summary>The largest number of channels per block.</summary>
    public const int MaxChannels = 8;

    // The pixels that a block scans beyond its segment if there are no clusters, and therefore the steps per launch; smaller if shared
    // memory is short.
    private const int MaxMargin = 64;

    private const int WarpSize = 32;
    private const int InboxesBytes = 2 * 8; // two mbarriers, see exchange.cuh
    private const int MinLines = 4;

    /// <summary>The compile-time bound of <see cref="Channels"/> (SPN_CHANNELS).</summary>
    public int ChannelBound => (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Channels);

    /// <summary>The launch of a single cluster.</summary>
    public CudaLaunch OneCluster => new(Cluster, WarpSize * Warps, SharedBytes, Cluster);

    /// <summary>Pixels per lane: 16 bytes of <c>real</c>.</summary>
    public static int PixelsOf(CudaScalar scalar) => 16 / scalar.RealSize();

    /// <summary>Lines per tile if shared memory allows: 32 bytes of a row, one sector.</summary>
    public static int SectorLines(CudaScalar scalar) => 32 / scalar.Size();

    /// <summary>The largest number of warps per block, which the kernels' launch bounds state.</summary>
    public static int MaxWarps(bool backward) => backward ? 8 : 10;

    /// <summary>Pixels that a block's warps hold. Adjacent warps overlap by the halo on either side.</summary>
    public static int Held(int warps, int pixels) => warps * (WarpSize * pixels - 2 * Halo) + 2 * Halo;

    /// <summary>Number of blocks that divide a group's channels among them.</summary>
    public int Chunks(in PropagationShape shape) => (shape.ChannelsPerGroup + Channels - 1) / Channels;

    /// <summary>Number of independent scans: (n, direction, group, chunk of channels).</summary>
    public long Units(in PropagationShape shape, int directions) => (long)shape.Batch * directions * shape.Groups * Chunks(shape);

    /// <summary>Whether so few blocks would leave a large part of the device idle.</summary>
    public static bool IsIdle(in CudaLimits limits, long blocks) => 4 * blocks < 3L * limits.Multiprocessors;

    /// <summary>Plans a forward or a backward scan.</summary>
    /// <param name="limits">The device's limits.</param>
    /// <param name="op">The operator.</param>
    /// <param name="directions">Directions per launch.</param>
    /// <param name="backward">Whether to plan the backward pass.</param>
    /// <param name="combines">Whether a forward scan reads the result of earlier directions.</param>
    /// <exception cref="NotSupportedException">The scan does not fit in the device's shared memory.</exception>
    public static ScanPlan Make(in CudaLimits limits, in CudaOperator op, int directions, bool backward, bool combines = false)
    {
        CudaLimits of = limits;
        CudaOperator operation = op;
        return Whole(of, op, backward, combines).MinBy(plan => ScanCost.Of(of, operation, plan, directions, backward))
            ?? Pieces(of, op, backward, combines)
            ?? throw new NotSupportedException($"A scan of {op} does not fit in {limits.SharedBytesPerBlock} bytes of shared memory.");
    }

    /// <summary>Pixels of the longest line that is scanned.</summary>
    public static int LongestLine(in PropagationShape shape)
        => Math.Max(shape.ColumnDirections > 0 ? shape.Height : 1, shape.RowDirections > 0 ? shape.Width : 1);

    // The plans with one block or one cluster per line that fit; better ones first if they cost the same.
    private static IEnumerable<ScanPlan> Whole(CudaLimits limits, CudaOperator op, bool backward, bool combines)
    {
        int longest = LongestLine(op.Shape), pixels = PixelsOf(op.Scalar), sector = SectorLines(op.Scalar);
        for (int lines = sector; lines >= Math.Max(MinLines, sector / 2); lines /= 2)
        for (int channels = Math.Min(op.Shape.ChannelsPerGroup, MaxChannels); channels >= 1; channels /= 2)
        for (int stages = 3; stages >= 2; stages--)
        {
            for (int warps = MaxWarps(backward); warps >= 1; warps--)
            {
                int held = Held(warps, pixels);
                if (warps > 1 && Held(warps - 1, pixels) >= longest)
                    continue;
                int segments = Segmented(longest, held, Halo);
                long bytes = SharedMemory(op, backward, combines, channels, lines, stages, held);
                if (segments > limits.MaxCluster || bytes > limits.SharedBytesPerBlock)
                    continue;
                int group = GroupOf(op.Scalar, channels, backward), margin = segments > 1 ? Halo : 0;
                yield return new ScanPlan(
                    pixels, channels, lines, group, stages, warps, segments, margin, Cluster: segments, TilesPerLaunch: 0, (int)bytes);
            }
        }
    }

    // Several launches, each with as many steps as a margin allows.
    private static ScanPlan? Pieces(in CudaLimits limits, in CudaOperator op, bool backward, bool combines)
    {
        int longest = LongestLine(op.Shape), pixels = PixelsOf(op.Scalar), lines = Math.Max(MinLines, SectorLines(op.Scalar) / 2);
        for (int margin = MaxMargin; margin >= Math.Max(lines, Halo); margin /= 2)
        {
            for (int warps = MaxWarps(backward); warps >= 1; warps--)
            {
                int held = Held(warps, pixels);
                long bytes = SharedMemory(op, backward, combines, 1, lines, 2, held);
                if (held < 3 * margin || bytes > limits.SharedBytesPerBlock)
                    continue;
                int group = GroupOf(op.Scalar, 1, backward), segments = Segmented(longest, held, margin);
                return new ScanPlan(
                    pixels, 1, lines, group, 2, warps, segments, margin, Cluster: 1, TilesPerLaunch: margin / lines, (int)bytes);
            }
        }

        return null;
    }

    // Neighbouring segments share two margins; the first and the last need none beyond the image.
    private static int Segmented(int longest, int held, int margin)
        => longest <= held ? 1 : (longest - 2 * margin + held - 2 * margin - 1) / (held - 2 * margin);

    // With several channels, four lines would need more registers than there are.
    private static int GroupOf(CudaScalar scalar, int channels, bool backward)
        => scalar == CudaScalar.Float64 || channels > (backward ? 1 : 4) ? 2 : 4;

    /// <summary>
    /// The shared memory of a block: the ring of tiles in forward.cu and backward.cu, and the lines and inboxes of exchange.cuh.
    /// </summary>
    private static long SharedMemory(in CudaOperator op, bool backward, bool combines, int channels, int lines, int stages, int held)
    {
        int size = op.Scalar.Size();
        int maps = backward ? op.NeedsXBackward ? 3 : 2 : combines ? 2 : 1;
        long winners = backward && op.HasWinners ? channels * lines : 0;
        long ring = stages * ((op.GateMaps + channels * maps) * (long)lines * size + winners);
        return held * (ring + 2L * channels * op.Scalar.RealSize()) + InboxesBytes;
    }
}
