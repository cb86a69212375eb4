using System.Runtime.CompilerServices;
using Spn.Simd;

namespace Spn.Inference.Layers;

/// <summary>A 1x1 convolution from channels-last maps to planes, cropped to the planes' size.</summary>
/// <param name="weights">Of a 1x1 kernel.</param>
internal sealed unsafe class PlanarHead(ConvolutionWeights weights)
{
    private const int TileWidth = DotKernel.TileWidth, OutputBlock = DotKernel.OutputBlock, RowsPerUnit = 4;

    private readonly DotWeights _weights = Padded(weights);

    /// <param name="workspace">What runs it.</param>
    /// <param name="input"><c>[H, W, in]</c>.</param>
    /// <param name="output"><c>[1, out, h, w]</c>, h ≤ H and w ≤ W.</param>
    public void Run(Workspace workspace, PixelMaps input, FeatureMaps output)
    {
        var job = new Job
        {
            Input = input,
            Output = output,
            Kernel = _weights.Kernel,
            Tiles = new Tiles(1, output.Height, output.Width, RowsPerUnit),
            NonTemporal = CachePolicy.ExceedsCache(output.Count),
        };
        workspace.Run(job, job.Tiles.Count);
    }

    /// <summary>Weights for whole vectors of channels.</summary>
    private static DotWeights Padded(ConvolutionWeights weights)
    {
        int inputs = PixelMaps.Padded(weights.Inputs);
        float[] padded = new float[weights.Outputs * inputs];
        for (int o = 0; o < weights.Outputs; o++)
            weights.Weight.AsSpan(o * weights.Inputs, weights.Inputs).CopyTo(padded.AsSpan(o * inputs));
        return new DotWeights(padded, weights.Bias, weights.Outputs, inputs);
    }

    private struct Job : ISimdJob
    {
        public PixelMaps Input;
        public FeatureMaps Output;
        public DotKernel Kernel;
        public Tiles Tiles;
        public bool NonTemporal;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<V>(void* state, int unit)
            where V : unmanaged, ISimdVector<V, float>
        {
            ref readonly Job job = ref *(Job*)state;
            Tile tile = job.Tiles[unit];
            int inputs = job.Kernel.Inputs, outputs = job.Output.Channels, count = tile.Count;
            using Scratch.Lease lease = Scratch.Rent((nint)((inputs + OutputBlock) * TileWidth + inputs) * sizeof(float));
            float* pieces = (float*)lease.Pointer, sums = pieces + inputs * TileWidth;
            int* offsets = (int*)(sums + OutputBlock * TileWidth);
            for (int i = 0; i < inputs; i++)
                offsets[i] = i * TileWidth;
            for (int y = tile.Top; y < tile.Bottom; y++)
            {
                float* pixels = job.Input.At(y, tile.Left);
                Transpose<SimdScalar<float>>(pixels, inputs, pieces, Transpose<V>(pixels, inputs, pieces, 0, count), count);
                for (int o = 0; o < outputs; o += OutputBlock)
                {
                    job.Kernel.Accumulate<V>(o, pieces, offsets, sums, count);
                    for (int i = 0; i < Math.Min(OutputBlock, outputs - o); i++)
                    {
                        float* output = job.Output.At(0, o + i, (long)y * job.Output.Width + tile.Left);
                        DotKernel.StoreEpilogue<V>(sums + i * TileWidth, null, null, relu: false, output, count, job.NonTemporal);
                    }
                }
            }
            CachePolicy.StoreFence(job.NonTemporal);
        }

        /// <summary>Pixels to rows of channels, up to the last whole vector; returns where that ends.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static int Transpose<V>(float* pixels, int channels, float* rows, int from, int count)
            where V : unmanaged, ISimdVector<V, float>
        {
            for (; from + V.Width <= count; from += V.Width)
            {
                for (int c = 0; c < channels; c += 4)
                {
                    V.LoadColumns(pixels + from * channels + c, channels, out V c0, out V c1, out V c2, out V c3);
                    float* row = rows + c * TileWidth + from;
                    V.Store(c0, row);
                    V.Store(c1, row + TileWidth);
                    V.Store(c2, row + 2 * TileWidth);
                    V.Store(c3, row + 3 * TileWidth);
                }
            }
            return from;
        }
    }
}
