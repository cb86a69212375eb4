using System.Runtime.CompilerServices;
using Spn.Native;
using Spn.Propagation;
using Spn.Propagation.Cpu;
using Spn.Simd;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Spn.Guidance.Convolutions;

/// <summary>
/// A 1x1 convolution over blocks of 2x2 pixels, each of them a map: from C maps to maps of half the size. The same as one of 2x2 with stride 2, and in libtorch faster. Inference on the CPU does it in one
/// pass, which needs no copy of the maps in blocks.
/// </summary>
/// <remarks>A unit of work is a strip of the result, <see cref="Piece"/> pixels wide: two rows of each map are taken apart into even and odd columns, which are then summed (<see cref="WeightedSums"/>).</remarks>
internal static unsafe class BlockConvolution
{
    private const int Piece = WeightedSums.Piece, Results = WeightedSums.Results, RowsPerUnit = 4;
    private const int MostMaps = 64; // the pieces of more would not fit in the cache

    /// <param name="convolution">1x1, with a bias, from 4·C maps, channel-major.</param>
    /// <param name="input"><c>[N, C, 2·h, 2·w]</c>, float32.</param>
    /// <returns><c>[N, out, h, w]</c>.</returns>
    public static Tensor Forward(Conv2d convolution, Tensor input)
        => is_grad_enabled() || input.device_type != DeviceType.CPU || input.shape[1] > MostMaps || convolution.weight.shape[0] % Results != 0
            ? Composed(convolution, input)
            : Fused(convolution, input, SimdLevels.Best, get_num_threads());

    /// <summary>In operations of libtorch, for training and for CUDA.</summary>
    internal static Tensor Composed(Conv2d convolution, Tensor input)
    {
        using Tensor blocks = nn.functional.pixel_unshuffle(input, 2);
        return convolution.forward(blocks);
    }

    internal static Tensor Fused(Conv2d convolution, Tensor input, SimdLevel level, int threads)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor planes = MapRuns.Planes(input), weight = convolution.weight.detach().contiguous(), bias = convolution.bias!.detach().contiguous();
        long n = planes.shape[0], height = planes.shape[2] / 2, width = planes.shape[3] / 2;
        Tensor output = empty(n, weight.shape[0], height, width, float32, CPU);
        var job = new Job
        {
            Input = new MapRuns(planes),
            Output = new MapRuns(output),
            Sums = new WeightedSums(weight, bias, (int)planes.shape[1] * 4),
            Outputs = (int)weight.shape[0],
            Height = (int)height,
            Width = (int)width,
            Strips = new Strips(n, height, width, RowsPerUnit),
        };
        SimdJob.Run(job, job.Strips.Count, level, threads, OpenMpThreads.Available);
        GC.KeepAlive(convolution);
        return output.MoveToOuterDisposeScope();
    }

    private struct Job : ISimdJob
    {
        public MapRuns Input, Output;
        public WeightedSums Sums;
        public Strips Strips;
        public int Outputs, Height, Width;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)] // at once: a few images would not be enough to earn it
        public static void Run<V>(void* state, int unit)
            where V : unmanaged, ISimdVector<V, float>
        {
            ref readonly Job job = ref *(Job*)state;
            (int image, int left, int count, int top, int bottom) = job.Strips[unit];
            int inputs = job.Sums.Inputs;
            float* pieces = stackalloc float[(inputs + Results) * Piece], sums = pieces + inputs * Piece;
            int* offsets = stackalloc int[inputs];
            for (int i = 0; i < inputs; i++)
                offsets[i] = i * Piece;
            for (int y = top; y < bottom; y++)
            {
                for (int i = 0; i < inputs; i += 2)
                {
                    float* row = job.Input.At(image, i / 4, (2L * y + i / 2 % 2) * 2 * job.Width + 2 * left);
                    WeightedSums.SplitColumns(row, pieces + offsets[i], pieces + offsets[i + 1], count);
                }
                for (int o = 0; o < job.Outputs; o += Results)
                {
                    job.Sums.Sum<V>(o, pieces, offsets, sums, count);
                    for (int result = 0; result < Results; result++)
                        Unsafe.CopyBlockUnaligned(job.Output.At(image, o + result, (long)y * job.Width + left), sums + result * Piece, (uint)count * sizeof(float));
                }
            }
        }
    }
}
