using System.Runtime.CompilerServices;
using Spn.Simd;

namespace Spn.Inference.Layers;

/// <summary>A 3x3 convolution over planes with what follows it in one pass, y = ReLU(W·x + b) + added. Beyond the border x is 0.</summary>
/// <remarks>
/// A unit of work is a tile of all maps, the narrower the more maps there are; intermediate results stay in a core's caches
/// (<see cref="WinogradRows"/>).
/// </remarks>
/// <param name="weights">Of a 3x3 kernel.</param>
[SkipLocalsInit]
internal sealed unsafe class WinogradConvolution(ConvolutionWeights weights)
{
    private const int TileWidth = DotKernel.TileWidth;

    private readonly DotWeights _weights = WinogradRows.Pack(weights);

    /// <param name="workspace">What runs it.</param>
    /// <param name="input">x, <c>[N, in, h, w]</c>.</param>
    /// <param name="output">y, <c>[N, out, h, w]</c>.</param>
    /// <param name="added"><c>[N, out, h, w]</c>, or none.</param>
    /// <param name="dilation">Distance between the kernel's pixels: 1, 2, 4 or 8.</param>
    public void Run(Workspace workspace, FeatureMaps input, FeatureMaps output, FeatureMaps added = default, int dilation = 1)
    {
        int columns = WinogradRows.Columns(input.Channels, output.Channels);
        var job = new Job
        {
            Input = input,
            Added = added,
            Output = output,
            Rows = new WinogradRows(_weights, dilation),
            Dilation = dilation,
            Tiles = new Tiles(input.Images, output.Height, output.Width, WinogradRows.RowsPerUnit, columns),
        };
        workspace.Run(job, job.Tiles.Count);
    }

    private struct Job : ISimdJob
    {
        public FeatureMaps Input, Added, Output;
        public WinogradRows Rows;
        public Tiles Tiles;
        public int Dilation;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<V>(void* state, int unit)
            where V : unmanaged, ISimdVector<V, float>
        {
            ref readonly Job job = ref *(Job*)state;
            Tile tile = job.Tiles[unit];
            float* results = stackalloc float[WinogradRows.Height * TileWidth];
            float** rows = stackalloc float*[WinogradRows.Height];
            for (int row = 0; row < WinogradRows.Height; row++)
                rows[row] = results + row * TileWidth;
            using Scratch.Lease lease = Scratch.Rent(job.Rows.WorkspaceSize * sizeof(float));
            float* room = (float*)lease.Pointer;
            int apart = job.Dilation;
            for (int top = tile.Top; top < tile.Bottom; top += WinogradRows.Height * apart)
            {
                for (int y = top; y < Math.Min(top + apart, tile.Bottom); y++)
                {
                    job.Rows.Multiply<V>(job.Input, tile, y, room);
                    for (int o = 0; o < job.Output.Channels; o++)
                    {
                        job.Rows.Result<V>(o, room, rows, tile.Count);
                        for (int row = 0; row < WinogradRows.Height && y + row * apart < tile.Bottom; row++)
                        {
                            long pixel = (long)(y + row * apart) * job.Output.Width + tile.Left;
                            Finish<V>(rows[row], job.Added.At(tile.Map, o, pixel), job.Output.At(tile.Map, o, pixel), tile.Count);
                        }
                    }
                }
            }
        }

        private static void Finish<V>(float* result, float* added, float* output, int count)
            where V : unmanaged, ISimdVector<V, float>
            => Finish<SimdScalar<float>>(result, added, output, Finish<V>(result, added, output, 0, count), count);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static int Finish<V>(float* result, float* added, float* output, int from, int count)
            where V : unmanaged, ISimdVector<V, float>
        {
            for (; from + V.Width <= count; from += V.Width)
            {
                V value = V.Max(default, V.Load(result + from)); // in this order a NaN stays one
                V.Store(added == null ? value : value + V.Load(added + from), output + from);
            }
            return from;
        }
    }
}
