using System.Runtime.CompilerServices;
using Spn.Native;
using Spn.Propagation;
using Spn.Propagation.Cpu;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Spn.Guidance;

/// <summary>
/// A 1x1 convolution of a mask's maps with what follows it: y = W·x + b + own + shared, and a ReLU where wanted. Inference on the CPU does all of it in one pass. It is bound by the
/// memory that the maps come from; in operations of libtorch each step reads and writes them again.
/// </summary>
/// <remarks>
/// A unit of work is a run of pixels of one mask. Pieces of it are copied together first: the maps lie a power of two apart, so that their pieces would drive each other
/// out of the caches. Then every four results of two vectors of pixels are summed over all inputs in registers, and
/// what is added to them is read and the end written in runs as long.
/// </remarks>
internal static unsafe class PointwiseConvolution
{
    private const int Piece = 128, PiecesPerUnit = 32, Results = 4;
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
        long maps = input.shape[0];
        Tensor x = Planes(input), output = empty(maps, convolution.weight.shape[0], input.shape[2], input.shape[3]);
        Tensor weight = convolution.weight.detach().contiguous(), bias = convolution.bias!.detach().contiguous();
        Tensor? added = own is null ? null : Planes(own), image = shared is null ? null : Planes(shared);
        long pixels = input.shape[2] * input.shape[3];
        var job = new Job
        {
            Input = Plane.Of(x),
            Own = Plane.Of(added),
            Shared = Plane.Of(image),
            Output = Plane.Of(output),
            Weight = (float*)TensorMemory.Pointer(weight),
            Bias = (float*)TensorMemory.Pointer(bias),
            Inputs = (int)input.shape[1],
            Outputs = (int)convolution.weight.shape[0],
            Pixels = pixels,
            Units = (int)((pixels + (Piece * PiecesPerUnit) - 1) / (Piece * PiecesPerUnit)),
            MasksPerImage = image is null ? 1 : (int)(maps / image.shape[0]),
            Relu = relu,
        };
        delegate*<void*, int, void> run = level switch
        {
            SimdLevel.V512 => &Run<Lanes512<float>>,
            SimdLevel.V256 => &Run<Lanes256<float>>,
            SimdLevel.V128 => &Run<Lanes128<float>>,
            _ => &Run<LanesScalar<float>>,
        };
        WorkerTeam.Run((int)maps * job.Units, threads, run, &job);
        GC.KeepAlive(convolution);
        return output.MoveToOuterDisposeScope();
    }

    /// <summary>The maps, each in one run of memory; not all of them together need be.</summary>
    private static Tensor Planes(Tensor maps) => maps.stride(3) == 1 && maps.stride(2) == maps.shape[3] ? maps.alias() : maps.contiguous();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<V>(void* state, int unit)
        where V : unmanaged, ILanes<V, float>
    {
        ref readonly Job job = ref *(Job*)state;
        (int mask, int part) = Math.DivRem(unit, job.Units);
        long begin = (long)part * Piece * PiecesPerUnit, end = Math.Min(begin + Piece * PiecesPerUnit, job.Pixels);
        float* pieces = stackalloc float[(job.Inputs + Results) * Piece], sums = pieces + job.Inputs * Piece;
        for (long at = begin; at < end; at += Piece)
        {
            int count = (int)Math.Min(Piece, end - at);
            for (int i = 0; i < job.Inputs; i++)
                Unsafe.CopyBlockUnaligned(pieces + i * Piece, job.Input.At(mask, i) + at, (uint)count * sizeof(float));
            for (int o = 0; o < job.Outputs; o += Results)
            {
                Sum<LanesScalar<float>>(job, o, pieces, sums, Sum<V>(job, o, pieces, sums, 0, count), count);
                for (int result = 0; result < Results; result++)
                {
                    float* own = job.Own.At(mask, o + result) + at, shared = job.Shared.At(mask / job.MasksPerImage, o + result) + at, output = job.Output.At(mask, o + result) + at;
                    float* sum = sums + result * Piece;
                    Finish<LanesScalar<float>>(job, sum, own, shared, output, Finish<V>(job, sum, own, shared, output, 0, count), count);
                }
            }
        }
    }

    /// <summary>Four results of a piece, from a pixel to the last whole pair of vectors; where that ends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Sum<V>(in Job job, int first, float* pieces, float* sums, int from, int count)
        where V : unmanaged, ILanes<V, float>
    {
        int inputs = job.Inputs, width = V.Width, step = width == 1 ? 1 : 2 * width;
        float* w0 = job.Weight + first * inputs, w1 = w0 + inputs, w2 = w1 + inputs, w3 = w2 + inputs, bias = job.Bias + first;
        for (; from + step <= count; from += step)
        {
            V a0 = V.Broadcast(bias[0]), a1 = V.Broadcast(bias[1]), a2 = V.Broadcast(bias[2]), a3 = V.Broadcast(bias[3]), b0 = a0, b1 = a1, b2 = a2, b3 = a3;
            float* x = pieces + from, sum = sums + from;
            for (int i = 0; i < inputs; i++, x += Piece)
            {
                V left = V.Load(x), right = step == 1 ? left : V.Load(x + width), weight = V.Broadcast(w0[i]);
                a0 = V.MultiplyAdd(left, weight, a0);
                b0 = V.MultiplyAdd(right, weight, b0);
                weight = V.Broadcast(w1[i]);
                a1 = V.MultiplyAdd(left, weight, a1);
                b1 = V.MultiplyAdd(right, weight, b1);
                weight = V.Broadcast(w2[i]);
                a2 = V.MultiplyAdd(left, weight, a2);
                b2 = V.MultiplyAdd(right, weight, b2);
                weight = V.Broadcast(w3[i]);
                a3 = V.MultiplyAdd(left, weight, a3);
                b3 = V.MultiplyAdd(right, weight, b3);
            }
            V.Store(a0, sum);
            V.Store(a1, sum + Piece);
            V.Store(a2, sum + 2 * Piece);
            V.Store(a3, sum + 3 * Piece);
            if (step == 1)
                continue;
            V.Store(b0, sum + width);
            V.Store(b1, sum + Piece + width);
            V.Store(b2, sum + 2 * Piece + width);
            V.Store(b3, sum + 3 * Piece + width);
        }
        return from;
    }

    /// <summary>The rest of one result of a piece, from a pixel to the last whole vector; where that ends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Finish<V>(in Job job, float* sums, float* own, float* shared, float* output, int from, int count)
        where V : unmanaged, ILanes<V, float>
    {
        bool isOwn = job.Own.First != null, isShared = job.Shared.First != null, relu = job.Relu;
        for (; from + V.Width <= count; from += V.Width)
        {
            V sum = V.Load(sums + from);
            if (isOwn)
                sum += V.Load(own + from);
            if (isShared)
                sum += V.Load(shared + from);
            if (relu)
                sum = V.Max(sum, default);
            V.Store(sum, output + from);
        }
        return from;
    }

    /// <summary>Where a tensor's maps begin.</summary>
    private struct Plane
    {
        public float* First;
        private long _mask, _map;

        public static Plane Of(Tensor? maps) => maps is null
            ? default
            : new Plane { First = (float*)TensorMemory.Pointer(maps), _mask = maps.stride(0), _map = maps.stride(1) };

        public readonly float* At(int mask, int map) => First + mask * _mask + map * _map;
    }

    private struct Job
    {
        public Plane Input, Own, Shared, Output;
        public float* Weight, Bias;
        public int Inputs, Outputs, Units, MasksPerImage;
        public long Pixels;
        public bool Relu;
    }
}
