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
/// A 1x1 convolution with what follows it: y = W·x + b + own + shared, and a ReLU where wanted. Inference on the CPU does all of it in one pass. It is bound by the
/// memory that the maps come from; in operations of libtorch each step reads and writes them again.
/// </summary>
/// <remarks>
/// A unit of work is a run of pixels of one mask. Pieces of it are copied together first: the maps lie a power of two apart, so that their pieces would drive each other
/// out of the caches. Then they are summed (<see cref="WeightedSums"/>), and what is added to the sums is read and the end written in runs as long.
/// </remarks>
internal static unsafe class PointwiseConvolution
{
    private const int Piece = WeightedSums.Piece, Results = WeightedSums.Results, PiecesPerUnit = 32;
    private const int MostInputs = 256; // the pieces of more maps would not fit in the cache

    /// <param name="convolution">1x1, with a bias.</param>
    /// <param name="input">x, <c>[N·K, in, h, w]</c>, float32.</param>
    /// <param name="own">Added to each mask's maps, <c>[N·K, out, h, w]</c>; <see langword="null"/> for nothing.</param>
    /// <param name="shared">Added to the maps of all K masks of an image, <c>[N, out, h, w]</c>; <see langword="null"/> for nothing.</param>
    /// <param name="relu">Whether negative results become 0.</param>
    /// <returns>y, <c>[N·K, out, h, w]</c>.</returns>
    public static Tensor Forward(Conv2d convolution, Tensor input, Tensor? own = null, Tensor? shared = null, bool relu = false)
        => is_grad_enabled() || input.device_type != DeviceType.CPU || input.shape[1] > MostInputs || convolution.weight.shape[0] % Results != 0
            ? Composed(convolution, input, own, shared, relu)
            : Fused(convolution, input, own, shared, relu, SimdLevels.Best, get_num_threads());

    /// <summary>In operations of libtorch, for training and for CUDA.</summary>
    internal static Tensor Composed(Conv2d convolution, Tensor input, Tensor? own, Tensor? shared, bool relu)
    {
        Tensor output = convolution.forward(input);
        if (own is not null)
            output.add_(own, Scalars.One);
        if (shared is not null)
            AddToEach(output, shared);
        return relu ? output.relu_() : output;
    }

    /// <summary>Adds an image's features to the maps of each of its masks, in place.</summary>
    public static void AddToEach(Tensor maps, Tensor features)
    {
        long n = features.shape[0], c = features.shape[1], h = features.shape[2], w = features.shape[3];
        using Tensor each = maps.view(n, -1, c, h, w), shared = features.unsqueeze(1);
        each.add_(shared, Scalars.One);
    }

    internal static Tensor Fused(Conv2d convolution, Tensor input, Tensor? own, Tensor? shared, bool relu, SimdLevel level, int threads)
    {
        using DisposeScope scope = NewDisposeScope();
        long maps = input.shape[0], pixels = input.shape[2] * input.shape[3];
        Tensor x = MapRuns.Planes(input), output = empty(maps, convolution.weight.shape[0], input.shape[2], input.shape[3], float32, CPU);
        Tensor weight = convolution.weight.detach().contiguous(), bias = convolution.bias!.detach().contiguous();
        Tensor? added = own is null ? null : MapRuns.Planes(own), image = shared is null ? null : MapRuns.Planes(shared);
        var job = new Job
        {
            Input = new MapRuns(x),
            Own = new MapRuns(added),
            Shared = new MapRuns(image),
            Output = new MapRuns(output),
            Sums = new WeightedSums(weight, bias, (int)input.shape[1]),
            Outputs = (int)convolution.weight.shape[0],
            Pixels = pixels,
            Units = (int)((pixels + (Piece * PiecesPerUnit) - 1) / (Piece * PiecesPerUnit)),
            MasksPerImage = image is null ? 1 : (int)(maps / image.shape[0]),
            Relu = relu,
            Past = CachePolicy.ExceedsCache(output.numel()),
        };
        SimdJob.Run(job, (int)maps * job.Units, level, threads, OpenMpThreads.Available);
        GC.KeepAlive(convolution);
        return output.MoveToOuterDisposeScope();
    }

    private struct Job : ISimdJob
    {
        public MapRuns Input, Own, Shared, Output;
        public WeightedSums Sums;
        public int Outputs, Units, MasksPerImage;
        public long Pixels;
        public bool Relu, Past;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)] // at once: a few masks would not be enough to earn it
        public static void Run<V>(void* state, int unit)
            where V : unmanaged, ISimdVector<V, float>
        {
            ref readonly Job job = ref *(Job*)state;
            (int mask, int part) = Math.DivRem(unit, job.Units);
            long begin = (long)part * Piece * PiecesPerUnit, end = Math.Min(begin + Piece * PiecesPerUnit, job.Pixels);
            int inputs = job.Sums.Inputs;
            float* pieces = stackalloc float[(inputs + Results) * Piece], sums = pieces + inputs * Piece;
            int* offsets = stackalloc int[inputs];
            for (int i = 0; i < inputs; i++)
                offsets[i] = i * Piece;
            for (long at = begin; at < end; at += Piece)
            {
                int count = (int)Math.Min(Piece, end - at);
                for (int i = 0; i < inputs; i++)
                    Unsafe.CopyBlockUnaligned(pieces + offsets[i], job.Input.At(mask, i, at), (uint)count * sizeof(float));
                int ahead = (int)Math.Min(Piece, end - at - count), groups = job.Outputs / Results;
                for (int o = 0; o < job.Outputs; o += Results)
                {
                    // While these are summed: what is added to them, and a part of the next pieces.
                    for (int result = 0; result < Results; result++)
                    {
                        CachePolicy.Prefetch(job.Own.At(mask, o + result, at), count);
                        CachePolicy.Prefetch(job.Shared.At(mask / job.MasksPerImage, o + result, at), count);
                    }
                    for (int i = o / Results; i < inputs; i += groups)
                        CachePolicy.Prefetch(job.Input.At(mask, i, at + count), ahead);
                    job.Sums.Sum<V>(o, pieces, offsets, sums, count);
                    for (int result = 0; result < Results; result++)
                    {
                        float* own = job.Own.At(mask, o + result, at), shared = job.Shared.At(mask / job.MasksPerImage, o + result, at);
                        WeightedSums.Finish<V>(sums + result * Piece, own, shared, job.Relu, job.Output.At(mask, o + result, at), count, job.Past);
                    }
                }
            }
            CachePolicy.StoreFence(job.Past);
        }
    }
}
