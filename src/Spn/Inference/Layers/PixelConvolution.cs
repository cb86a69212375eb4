using System.Runtime.CompilerServices;
using Spn.Simd;

namespace Spn.Inference.Layers;

/// <summary>
/// A 3x3 convolution over channels-last maps with its ReLU, y = ReLU(W·x + b), of stride 1 or 2 and padding 1, as a matrix product: every
/// output pixel's 3x3 input pixels are copied to a row.
/// </summary>
internal sealed unsafe class PixelConvolution
{
    private const int PixelsPerBlock = 48; // a multiple of the kernel's rows: their copies stay in the second-level cache

    private readonly PinnedFloats _weight, _bias;
    private readonly int _stride, _depth, _outputs;

    /// <param name="weights">Of a 3x3 kernel.</param>
    /// <param name="stride">1 or 2.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // a process loads a model once, so its loops would run unoptimized
    public PixelConvolution(ConvolutionWeights weights, int stride)
    {
        int inputs = PixelMaps.Padded(weights.Inputs);
        (_stride, _depth, _outputs) = (stride, 9 * inputs, PixelMaps.Padded(weights.Outputs));
        _weight = new PinnedFloats(_depth * _outputs);
        _bias = new PinnedFloats(_outputs);
        weights.Bias.CopyTo(_bias.Values);
        Span<float> packed = _weight.Values;
        for (int o = 0; o < weights.Outputs; o++)
        {
            for (int i = 0; i < weights.Inputs; i++)
            {
                for (int tap = 0; tap < 9; tap++)
                {
                    int row = tap * inputs + i;
                    float weight = weights.At(o, i, tap / 3, tap % 3);
                    packed[(o / PixelMaps.Lanes * _depth + row) * PixelMaps.Lanes + o % PixelMaps.Lanes] = weight;
                }
            }
        }
    }

    /// <param name="workspace">What runs it.</param>
    /// <param name="input">x, <c>[h, w, in]</c>.</param>
    /// <param name="output">y, <c>[⌈h/stride⌉, ⌈w/stride⌉, out]</c>.</param>
    public void Run(Workspace workspace, PixelMaps input, PixelMaps output)
    {
        var job = new Job
        {
            Input = input,
            Output = output,
            Weight = _weight.Pointer,
            Bias = _bias.Pointer,
            Stride = _stride,
            Depth = _depth,
            Blocks = (output.Width + PixelsPerBlock - 1) / PixelsPerBlock,
        };
        workspace.Run(job, output.Height * job.Blocks);
    }

    private struct Job : ISimdJob
    {
        public PixelMaps Input, Output;
        public float* Weight, Bias;
        public int Stride, Depth, Blocks;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<V>(void* state, int unit)
            where V : unmanaged, ISimdVector<V, float>
        {
            ref readonly Job job = ref *(Job*)state;
            (int y, int block) = Math.DivRem(unit, job.Blocks);
            int left = block * PixelsPerBlock, count = Math.Min(PixelsPerBlock, job.Output.Width - left), depth = job.Depth;
            using Scratch.Lease lease = Scratch.Rent((nint)PixelsPerBlock * depth * sizeof(float));
            float* rows = (float*)lease.Pointer;
            for (int x = 0; x < count; x++)
            {
                for (int ky = 0; ky < 3; ky++)
                    job.Copy<V>(y * job.Stride + ky - 1, (left + x) * job.Stride - 1, rows + x * depth + ky * (depth / 3));
            }
            MatrixKernel.Multiply<V>(rows, depth, count, depth, job.Weight, job.Output.Stride, job.Output.At(y, left), job.Output.Stride,
                job.Bias, relu: true);
        }

        /// <summary>Three pixels of a row, 0 beyond the border.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Copy<V>(int y, int x, float* destination)
            where V : unmanaged, ISimdVector<V, float>
        {
            int stride = Input.Stride;
            bool inside = (uint)y < (uint)Input.Height;
            if (inside && x >= 0 && x + 3 <= Input.Width)
            {
                float* pixels = Input.At(y, x);
                for (int c = 0; c < 3 * stride; c += V.Width)
                    V.Store(V.Load(pixels + c), destination + c);
                return;
            }
            for (int column = x; column < x + 3; column++, destination += stride)
            {
                bool copies = inside && (uint)column < (uint)Input.Width;
                float* source = copies ? Input.At(y, column) : destination;
                for (int c = 0; c < stride; c += V.Width)
                    V.Store(copies ? V.Load(source + c) : default, destination + c);
            }
        }
    }
}
