using System.Runtime.CompilerServices;
using Spn.Simd;

namespace Spn.Inference.Layers;

/// <summary>
/// Pixel unshuffle by 2 and a 1x1 convolution in one pass: from C planes to planes of half the size. The same as a 2x2 convolution of
/// stride 2.
/// </summary>
/// <remarks>Each pair of rows of the input is split into even and odd columns, which are then summed (<see cref="DotKernel"/>).</remarks>
internal sealed unsafe class UnshuffleConvolution
{
    private const int TileWidth = DotKernel.TileWidth, OutputBlock = DotKernel.OutputBlock, RowsPerUnit = 4;

    private readonly DotWeights _weights;

    /// <param name="weights">Of a 1x1 kernel over 4·C maps, the four pixels of a map together.</param>
    public UnshuffleConvolution(ConvolutionWeights weights)
        => _weights = new DotWeights(weights.Weight, weights.Bias, weights.Outputs, weights.Inputs);

    /// <param name="workspace">What runs it.</param>
    /// <param name="input"><c>[N, C, 2·h, 2·w]</c>.</param>
    /// <param name="output"><c>[N, out, h, w]</c>.</param>
    public void Run(Workspace workspace, FeatureMaps input, FeatureMaps output)
    {
        var tiles = new Tiles(input.Images, output.Height, output.Width, RowsPerUnit);
        workspace.Run(new Job { Input = input, Output = output, Kernel = _weights.Kernel, Tiles = tiles }, tiles.Count);
    }

    private struct Job : ISimdJob
    {
        public FeatureMaps Input, Output;
        public DotKernel Kernel;
        public Tiles Tiles;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<V>(void* state, int unit)
            where V : unmanaged, ISimdVector<V, float>
        {
            ref readonly Job job = ref *(Job*)state;
            (int image, int left, int count, int top, int bottom) = job.Tiles[unit];
            int inputs = job.Kernel.Inputs, outputs = job.Output.Channels, width = job.Output.Width;
            using Scratch.Lease lease = Scratch.Rent((nint)((inputs + OutputBlock) * TileWidth + inputs) * sizeof(float));
            float* pieces = (float*)lease.Pointer, sums = pieces + inputs * TileWidth;
            int* offsets = (int*)(sums + OutputBlock * TileWidth);
            for (int i = 0; i < inputs; i++)
                offsets[i] = i * TileWidth;
            for (int y = top; y < bottom; y++)
            {
                for (int i = 0; i < inputs; i += 2)
                {
                    float* row = job.Input.At(image, i / 4, (2L * y + i / 2 % 2) * 2 * width + 2 * left);
                    DotKernel.SplitColumns<V>(row, pieces + offsets[i], pieces + offsets[i + 1], count);
                }
                for (int o = 0; o < outputs; o += OutputBlock)
                {
                    job.Kernel.Accumulate<V>(o, pieces, offsets, sums, count);
                    for (int i = 0; i < Math.Min(OutputBlock, outputs - o); i++)
                    {
                        float* output = job.Output.At(image, o + i, (long)y * width + left);
                        Unsafe.CopyBlockUnaligned(output, sums + i * TileWidth, (uint)count * sizeof(float));
                    }
                }
            }
        }
    }
}
