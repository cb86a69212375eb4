using System.Runtime.CompilerServices;
using Spn.Simd;

namespace Spn.Inference.Layers;

/// <summary>
/// The first convolution over a mask, 4x4 of stride 2: M maps that see the mask together with the image's features, y = ReLU(W·(x - c) + b
/// + features), then maps that are linear in the mask alone, y = W·(x - c) + b. Beyond the border x - c is 0.
/// </summary>
/// <remarks>
/// One pass, which writes each map once. A unit of work is a tile of one mask. Each row of the mask is split into even and odd columns
/// once; the sixteen pixels under the kernel are then contiguous within these (<see cref="DotKernel"/>).
/// </remarks>
/// <param name="weights">Of a 4x4 kernel over one map.</param>
/// <param name="center">c.</param>
[SkipLocalsInit]
internal sealed unsafe class MaskStem(ConvolutionWeights weights, float center)
{
    private const int TileWidth = DotKernel.TileWidth, OutputBlock = DotKernel.OutputBlock, RowsPerUnit = 32, Taps = 16;

    private readonly DotWeights _weights = new(weights.Weight, weights.Bias, weights.Outputs, Taps);

    /// <param name="workspace">What runs it.</param>
    /// <param name="masks"><c>[K, 1, 2·h, 2·w]</c>.</param>
    /// <param name="features">Of the image, for all of its masks, <c>[1, M, h, w]</c>, or none.</param>
    /// <param name="seeing">M maps that see the image too, <c>[K, M, h, w]</c>, or none.</param>
    /// <param name="linear">The other maps, <c>[K, C, h, w]</c>.</param>
    public void Run(Workspace workspace, FeatureMaps masks, FeatureMaps features, FeatureMaps seeing, FeatureMaps linear)
    {
        var job = new Job
        {
            Masks = masks,
            Features = features,
            Seeing = seeing,
            Linear = linear,
            Kernel = _weights.Kernel,
            Center = center,
            Tiles = new Tiles(masks.Images, linear.Height, linear.Width, RowsPerUnit),
            NonTemporal = CachePolicy.ExceedsCache(seeing.Count + linear.Count),
        };
        workspace.Run(job, job.Tiles.Count);
    }

    private struct Job : ISimdJob
    {
        public FeatureMaps Masks, Features, Seeing, Linear;
        public DotKernel Kernel;
        public Tiles Tiles;
        public float Center;
        public bool NonTemporal;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<V>(void* state, int unit)
            where V : unmanaged, ISimdVector<V, float>
        {
            ref readonly Job job = ref *(Job*)state;
            (int mask, int left, int count, int top, int bottom) = job.Tiles[unit];
            int seeing = job.Seeing.Channels, outputs = seeing + job.Linear.Channels;

            // The mask's last four rows: of each, the even columns and the odd ones, one more of these on the left and one more of those on
            // the right.
            const int Row = 2 * (TileWidth + 1);
            float* rows = stackalloc float[(4 * Row) + (OutputBlock * TileWidth)], sums = rows + 4 * Row;
            int* taps = stackalloc int[Taps];
            for (int y = top, read = 2 * top - 1; y < bottom; y++)
            {
                for (; read <= 2 * y + 2; read++)
                    job.Split<V>(mask, read, left, count, rows + (read & 3) * Row);
                for (int ky = 0; ky < 4; ky++)
                {
                    int even = ((2 * y - 1 + ky) & 3) * Row, odd = even + TileWidth + 1;
                    (taps[4 * ky], taps[4 * ky + 1], taps[4 * ky + 2], taps[4 * ky + 3]) = (odd, even, odd + 1, even + 1);
                }
                long pixel = (long)y * job.Linear.Width + left;
                for (int o = 0; o < outputs; o += OutputBlock)
                {
                    job.Kernel.Accumulate<V>(o, rows, taps, sums, count);
                    for (int i = 0; i < Math.Min(OutputBlock, outputs - o); i++)
                    {
                        bool sees = o + i < seeing;
                        float* features = sees ? job.Features.At(0, o + i, pixel) : null;
                        float* output = sees ? job.Seeing.At(mask, o + i, pixel) : job.Linear.At(mask, o + i - seeing, pixel);
                        DotKernel.StoreEpilogue<V>(sums + i * TileWidth, null, features, sees, output, count, job.NonTemporal);
                    }
                }
            }
            CachePolicy.StoreFence(job.NonTemporal);
        }

        /// <summary>
        /// A row of a mask around a tile of the output: x - c in even columns, then in odd ones, of which the first lies one to the left.
        /// </summary>
        private readonly void Split<V>(int mask, int row, int left, int count, float* even)
            where V : unmanaged, ISimdVector<V, float>
        {
            float* odd = even + TileWidth + 1;
            if ((uint)row >= (uint)Masks.Height)
            {
                new Span<float>(even, 2 * (TileWidth + 1)).Clear();
                return;
            }
            float* x = Masks.At(mask, 0, (long)row * Masks.Width + 2 * left);
            odd[0] = left == 0 ? 0 : x[-1] - Center;
            DotKernel.SplitColumns<V>(x, even, odd + 1, count, Center);
            even[count] = 2 * (left + count) == Masks.Width ? 0 : x[2 * count] - Center;
        }
    }
}
