using System.Runtime.CompilerServices;
using Spn.Simd;

namespace Spn.Inference.Layers;

/// <summary>
/// The end of a propagation module: a 3x3 convolution to every 2x2 pixels' log-odds, then <see cref="LogitBlend"/>, in one pass that writes
/// the masks alone.
/// </summary>
/// <remarks>A unit of work is a tile of one mask, four of whose rows are computed together (<see cref="WinogradRows"/>).</remarks>
/// <param name="weights">Of a 3x3 kernel to 4 or 8 maps.</param>
[SkipLocalsInit]
internal sealed unsafe class MaskDecoder(ConvolutionWeights weights)
{
    private const int TileWidth = DotKernel.TileWidth, MaxRows = 8;

    private readonly DotWeights _weights = WinogradRows.Pack(weights);

    /// <summary>
    /// A 4x4 transposed convolution of stride 2 to one map, <c>weight</c> <c>[in, 1, 4, 4]</c> and <c>bias</c> <c>[1]</c>, as the 3x3
    /// convolution to 2x2 pixels that it is: pixel 2·y + dy reads the kernel's row 2·(y - row) + dy + 1 of the input's rows y - 1 to y + 1,
    /// and likewise for columns.
    /// </summary>
    public static ConvolutionWeights FromTransposed(Weights weights, int inputs)
    {
        float[] stored = weights.Read("weight", inputs, 1, 4, 4), bias = weights.Read("bias", 1);
        float[] kernel = new float[4 * inputs * 9];
        for (int pixel = 0; pixel < 4; pixel++)
        {
            for (int i = 0; i < inputs; i++)
            {
                for (int tap = 0; tap < 9; tap++)
                {
                    int row = pixel / 2 + 1 - 2 * (tap / 3 - 1), column = pixel % 2 + 1 - 2 * (tap % 3 - 1);
                    if (row is >= 0 and < 4 && column is >= 0 and < 4)
                        kernel[(pixel * inputs + i) * 9 + tap] = stored[i * 16 + row * 4 + column];
                }
            }
        }
        return new(kernel, [bias[0], bias[0], bias[0], bias[0]], 4, inputs);
    }

    /// <param name="workspace">What runs it.</param>
    /// <param name="maps"><c>[K, in, h, w]</c>.</param>
    /// <param name="blend">What becomes of the log-odds.</param>
    public void Run(Workspace workspace, FeatureMaps maps, in LogitBlend blend)
    {
        int columns = WinogradRows.Columns(maps.Channels, blend.Rows);
        var job = new Job
        {
            Maps = maps,
            Rows = new WinogradRows(_weights, dilation: 1),
            Blend = blend,
            Tiles = new Tiles(maps.Images, maps.Height, maps.Width, WinogradRows.RowsPerUnit, columns),
        };
        workspace.Run(job, job.Tiles.Count);
    }

    private struct Job : ISimdJob
    {
        public FeatureMaps Maps;
        public WinogradRows Rows;
        public LogitBlend Blend;
        public Tiles Tiles;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<V>(void* state, int unit)
            where V : unmanaged, ISimdVector<V, float>
        {
            ref readonly Job job = ref *(Job*)state;
            Tile tile = job.Tiles[unit];
            int outputs = job.Blend.Rows;
            float* decoded = stackalloc float[WinogradRows.Height * MaxRows * TileWidth];
            float** rows = stackalloc float*[WinogradRows.Height];
            using Scratch.Lease lease = Scratch.Rent(job.Rows.WorkspaceSize * sizeof(float));
            float* room = (float*)lease.Pointer;
            for (int y = tile.Top; y < tile.Bottom; y += WinogradRows.Height)
            {
                job.Rows.Multiply<V>(job.Maps, tile, y, room);
                for (int o = 0; o < outputs; o++)
                {
                    for (int row = 0; row < WinogradRows.Height; row++)
                        rows[row] = decoded + (row * outputs + o) * TileWidth;
                    job.Rows.Result<V>(o, room, rows, tile.Count);
                }
                for (int row = 0; row < Math.Min(WinogradRows.Height, tile.Bottom - y); row++)
                    job.Blend.Row<V>(decoded + row * outputs * TileWidth, TileWidth, tile.Map, y + row, tile.Left, tile.Count);
            }
        }
    }
}
