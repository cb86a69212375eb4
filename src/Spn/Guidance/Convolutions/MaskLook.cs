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
/// The first convolution over a mask, 4x4 of stride 2: maps that see the mask together with the image's features, y = ReLU(W·(x - 0.5) + b + features), then maps that are linear in the mask alone,
/// y = W·(x - 0.5) + b. Beyond the border x - 0.5 is 0.
/// </summary>
/// <remarks>
/// Inference on the CPU does it in one pass, which writes each map once; libtorch's operations read and write them three times. A unit of work is a strip of one mask,
/// <see cref="Piece"/> pixels of the result wide. Each row of the mask is taken apart into even and odd columns once; the sixteen pixels under the kernel are then runs within
/// these (<see cref="WeightedSums"/>).
/// </remarks>
internal static unsafe class MaskLook
{
    private const int Piece = WeightedSums.Piece, Results = WeightedSums.Results, RowsPerUnit = 32, Taps = 16;

    /// <param name="convolution">4x4, stride 2, padding 1, from one map to M + C.</param>
    /// <param name="masks"><c>[N·K, 1, 2·h, 2·w]</c>, float32 in 0..1.</param>
    /// <param name="features">Of the image, for all of its K masks, <c>[N, M, h, w]</c>.</param>
    /// <returns>M maps that see the image too, then C that do not, <c>[N·K, M + C, h, w]</c>.</returns>
    public static Tensor Forward(Conv2d convolution, Tensor masks, Tensor features)
        => is_grad_enabled() || masks.device_type != DeviceType.CPU || convolution.weight.shape[0] % Results != 0 || features.shape[1] % Results != 0
            ? Composed(convolution, masks, features)
            : Fused(convolution, masks, features, SimdLevels.Best, get_num_threads());

    /// <summary>In operations of libtorch, for training and for CUDA.</summary>
    internal static Tensor Composed(Conv2d convolution, Tensor masks, Tensor features)
    {
        using Tensor signed = masks.sub(Scalars.Half);
        Tensor looked = PaddedConvolution.Forward(signed, convolution.weight, convolution.bias, stride: 2);
        using Tensor seen = looked.narrow(1, 0, features.shape[1]);
        PointwiseConvolution.AddToEach(seen, features);
        seen.relu_();
        return looked;
    }

    internal static Tensor Fused(Conv2d convolution, Tensor masks, Tensor features, SimdLevel level, int threads)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor mask = masks.contiguous(), image = MapRuns.Planes(features), weight = convolution.weight.detach().contiguous(), bias = convolution.bias!.detach().contiguous();
        long n = mask.shape[0], height = mask.shape[2] / 2, width = mask.shape[3] / 2;
        Tensor output = empty(n, weight.shape[0], height, width, float32, CPU);
        var job = new Job
        {
            Mask = (float*)TensorMemory.Pointer(mask),
            Features = new MapRuns(image),
            Output = new MapRuns(output),
            Sums = new WeightedSums(weight, bias, Taps),
            Seeing = (int)image.shape[1],
            Outputs = (int)weight.shape[0],
            Height = (int)height,
            Width = (int)width,
            Strips = new Strips(n, height, width, RowsPerUnit),
            MasksPerImage = (int)(n / image.shape[0]),
            Past = CachePolicy.ExceedsCache(output.numel()),
        };
        SimdJob.Run(job, job.Strips.Count, level, threads, OpenMpThreads.Available);
        GC.KeepAlive(convolution);
        return output.MoveToOuterDisposeScope();
    }

    private struct Job : ISimdJob
    {
        public float* Mask;
        public MapRuns Features, Output;
        public WeightedSums Sums;
        public Strips Strips;
        public int Seeing, Outputs, Height, Width, MasksPerImage;
        public bool Past;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)] // at once: a few masks would not be enough to earn it
        public static void Run<V>(void* state, int unit)
            where V : unmanaged, ISimdVector<V, float>
        {
            ref readonly Job job = ref *(Job*)state;
            (int mask, int left, int count, int top, int bottom) = job.Strips[unit];

            // The mask's last four rows: of each, the even columns and the odd ones, one more of these on the left and one more of those on the right.
            const int Row = 2 * (Piece + 1);
            float* rows = stackalloc float[(4 * Row) + (Results * Piece)], sums = rows + 4 * Row;
            int* taps = stackalloc int[Taps];
            for (int y = top, read = 2 * top - 1; y < bottom; y++)
            {
                for (; read <= 2 * y + 2; read++)
                    job.Split(mask, read, left, count, rows + (read & 3) * Row);
                for (int ky = 0; ky < 4; ky++)
                {
                    int even = ((2 * y - 1 + ky) & 3) * Row, odd = even + Piece + 1;
                    (taps[4 * ky], taps[4 * ky + 1], taps[4 * ky + 2], taps[4 * ky + 3]) = (odd, even, odd + 1, even + 1);
                }
                long pixel = (long)y * job.Width + left;
                for (int o = 0; o < job.Outputs; o += Results)
                {
                    job.Sums.Sum<V>(o, rows, taps, sums, count);
                    bool sees = o < job.Seeing;
                    for (int result = 0; result < Results; result++)
                    {
                        float* features = sees ? job.Features.At(mask / job.MasksPerImage, o + result, pixel) : null;
                        WeightedSums.Finish<V>(sums + result * Piece, null, features, sees, job.Output.At(mask, o + result, pixel), count, job.Past);
                    }
                }
            }
            CachePolicy.StoreFence(job.Past);
        }

        /// <summary>A row of a mask around some pixels of the result: x - 0.5 in even columns, then in odd ones, of which the first lies one to the left.</summary>
        public readonly void Split(int mask, int row, int left, int count, float* even)
        {
            float* odd = even + Piece + 1;
            if (row < 0 || row >= 2 * Height)
            {
                new Span<float>(even, 2 * (Piece + 1)).Clear();
                return;
            }
            float* x = Mask + ((long)mask * 2 * Height + row) * 2 * Width + 2 * left;
            odd[0] = left == 0 ? 0 : x[-1] - 0.5f;
            WeightedSums.SplitColumns(x, even, odd + 1, count, less: 0.5f);
            even[count] = left + count == Width ? 0 : x[2 * count] - 0.5f;
        }
    }
}
