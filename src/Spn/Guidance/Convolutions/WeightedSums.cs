using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Spn.Propagation;
using Spn.Propagation.Cpu;
using Spn.Simd;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Guidance.Convolutions;

/// <summary>
/// What one-pass convolutions share: weighted sums of runs of at most <see cref="Piece"/> pixels that lie together in the cache, four results of two vectors at once in
/// registers, and what is done to a run of a result before it is written.
/// </summary>
internal readonly unsafe struct WeightedSums
{
    /// <summary>Pixels of a run.</summary>
    public const int Piece = 128;

    /// <summary>Results that are summed together; they lie <see cref="Piece"/> floats apart.</summary>
    public const int Results = 4;

    private readonly float* _weight, _bias;

    /// <param name="weight">Dense, <c>[results, inputs]</c>, in memory that the caller keeps alive.</param>
    /// <param name="bias">Dense, <c>[results]</c>.</param>
    /// <param name="inputs">How many runs are summed.</param>
    /// <exception cref="InvalidOperationException">The model is not float32.</exception>
    public WeightedSums(Tensor weight, Tensor bias, int inputs)
    {
        Require(weight);
        Require(bias);
        _weight = (float*)TensorMemory.Pointer(weight);
        _bias = (float*)TensorMemory.Pointer(bias);
        Inputs = inputs;
    }

    /// <summary>What computes in place reads memory as float32.</summary>
    /// <exception cref="InvalidOperationException">The model is not float32.</exception>
    public static void Require(Tensor weight)
    {
        if (weight.dtype != ScalarType.Float32)
            throw new InvalidOperationException($"The model's weights are {weight.dtype}, expected Float32: use to(ScalarType.Float32).");
    }

    /// <summary>How many runs are summed.</summary>
    public int Inputs { get; }

    /// <summary>
    /// Four results: bias + Σ weight · run. It goes on to the end of the last pair of vectors, at most to <see cref="Piece"/>: so much memory belongs to every run, and what comes out for pixels that are
    /// none is not used.
    /// </summary>
    /// <param name="first">The first result.</param>
    /// <param name="runs">What the offsets count from.</param>
    /// <param name="offsets">Where each input's run begins, in floats.</param>
    /// <param name="sums">Four runs.</param>
    /// <param name="count">Pixels.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Sum<V>(int first, float* runs, int* offsets, float* sums, int count)
        where V : unmanaged, ISimdVector<V, float>
    {
        int inputs = Inputs, width = V.Width, step = width == 1 ? 1 : 2 * width;
        float* w0 = _weight + first * inputs, w1 = w0 + inputs, w2 = w1 + inputs, w3 = w2 + inputs, bias = _bias + first;
        for (int from = 0; from < count; from += step)
        {
            V a0 = V.Broadcast(bias[0]), a1 = V.Broadcast(bias[1]), a2 = V.Broadcast(bias[2]), a3 = V.Broadcast(bias[3]), b0 = a0, b1 = a1, b2 = a2, b3 = a3;
            float* start = runs + from, sum = sums + from;
            for (int i = 0; i < inputs; i++)
            {
                float* x = start + offsets[i];
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
    }

    /// <summary>A run of one result: + own + shared, then a ReLU where wanted.</summary>
    /// <param name="sums">The run.</param>
    /// <param name="own">Added; <see langword="null"/> for nothing.</param>
    /// <param name="shared">Added; <see langword="null"/> for nothing.</param>
    /// <param name="relu">Whether negative results become 0.</param>
    /// <param name="output">Where it goes.</param>
    /// <param name="count">Pixels.</param>
    /// <param name="past">Whether what is written goes past the caches, where it lies as a vector wants it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Finish<V>(float* sums, float* own, float* shared, bool relu, float* output, int count, bool past)
        where V : unmanaged, ISimdVector<V, float>
    {
        int end = Finish<V>(sums, own, shared, relu, output, 0, count, past && (nint)output % (V.Width * sizeof(float)) == 0);
        Finish<SimdScalar<float>>(sums, own, shared, relu, output, end, count, past: false);
    }

    /// <summary>A row's even columns and its odd ones, each less something.</summary>
    /// <param name="row">Twice as many pixels.</param>
    /// <param name="even">Where the even columns go.</param>
    /// <param name="odd">Where the odd ones go.</param>
    /// <param name="count">How many of each.</param>
    /// <param name="less">What is subtracted.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SplitColumns(float* row, float* even, float* odd, int count, float less = 0)
    {
        Vector256<float> subtracted = Vector256.Create(less), half = Vector256.Create(-1, -1, -1, -1, 0, 0, 0, 0).AsSingle();
        int i = 0;
        for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            Vector256<float> left = Vector256.Load(row + 2 * i), right = Vector256.Load(row + 2 * i + Vector256<float>.Count);
            Vector256<float> leftEven = Vector256.Shuffle(left, Vector256.Create(0, 2, 4, 6, 0, 2, 4, 6)), rightEven = Vector256.Shuffle(right, Vector256.Create(0, 2, 4, 6, 0, 2, 4, 6));
            Vector256<float> leftOdd = Vector256.Shuffle(left, Vector256.Create(1, 3, 5, 7, 1, 3, 5, 7)), rightOdd = Vector256.Shuffle(right, Vector256.Create(1, 3, 5, 7, 1, 3, 5, 7));
            (Vector256.ConditionalSelect(half, leftEven, rightEven) - subtracted).Store(even + i);
            (Vector256.ConditionalSelect(half, leftOdd, rightOdd) - subtracted).Store(odd + i);
        }
        for (; i < count; i++)
        {
            even[i] = row[2 * i] - less;
            odd[i] = row[2 * i + 1] - less;
        }
    }

    /// <summary>From a pixel to the last whole vector; where that ends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Finish<V>(float* sums, float* own, float* shared, bool relu, float* output, int from, int count, bool past)
        where V : unmanaged, ISimdVector<V, float>
    {
        for (; from + V.Width <= count; from += V.Width)
        {
            V sum = V.Load(sums + from);
            if (own != null)
                sum += V.Load(own + from);
            if (shared != null)
                sum += V.Load(shared + from);
            if (relu)
                sum = V.Max(default, sum); // in this order a NaN stays one
            if (past)
                V.StoreNonTemporal(sum, output + from);
            else
                V.Store(sum, output + from);
        }
        return from;
    }
}
