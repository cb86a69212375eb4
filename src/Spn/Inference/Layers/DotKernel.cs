using System.Runtime.CompilerServices;
using Spn.Simd;

namespace Spn.Inference.Layers;

/// <summary>
/// The micro-kernel of the convolutions over planes: weighted sums of rows of at most <see cref="TileWidth"/> pixels that lie in the cache,
/// four outputs of two vectors together in registers, and the epilogue of a row before it is written.
/// </summary>
internal readonly unsafe struct DotKernel
{
    /// <summary>Pixels of a row.</summary>
    public const int TileWidth = 128;

    /// <summary>Outputs that are summed together; their rows lie <see cref="TileWidth"/> floats apart.</summary>
    public const int OutputBlock = 4;

    private readonly float* _weight, _bias;

    /// <param name="weight"><c>[outputs, inputs]</c>, the outputs rounded up to whole blocks.</param>
    /// <param name="bias"><c>[outputs]</c>, likewise.</param>
    /// <param name="inputs">How many rows are summed.</param>
    public DotKernel(float* weight, float* bias, int inputs)
    {
        _weight = weight;
        _bias = bias;
        Inputs = inputs;
    }

    /// <summary>How many rows are summed.</summary>
    public int Inputs { get; }

    /// <summary>A number of outputs rounded up to whole blocks.</summary>
    public static int Padded(int outputs) => (outputs + OutputBlock - 1) / OutputBlock * OutputBlock;

    /// <summary>
    /// Four outputs: bias + Σ weight · row. The loop goes on to the end of the last pair of vectors, at most to <see cref="TileWidth"/>:
    /// every row must have so much memory, and what is computed beyond the count is not used.
    /// </summary>
    /// <param name="first">The first output.</param>
    /// <param name="rows">What the offsets count from.</param>
    /// <param name="offsets">Where each input's row begins, in floats.</param>
    /// <param name="sums">Four rows.</param>
    /// <param name="count">Pixels.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Accumulate<V>(int first, float* rows, int* offsets, float* sums, int count)
        where V : unmanaged, ISimdVector<V, float>
    {
        int inputs = Inputs, width = V.Width, step = width == 1 ? 1 : 2 * width;
        float* w0 = _weight + (long)first * inputs, w1 = w0 + inputs, w2 = w1 + inputs, w3 = w2 + inputs, bias = _bias + first;
        int from = 0;
        if (width == 16)
        {
            // 512-bit vectors come with 32 registers.
            for (; from + 2 * width < count; from += 4 * width)
                AccumulateWide<V>(w0, inputs, bias, rows + from, offsets, sums + from);
        }
        for (; from < count; from += step)
        {
            V a0 = V.Broadcast(bias[0]), a1 = V.Broadcast(bias[1]), a2 = V.Broadcast(bias[2]), a3 = V.Broadcast(bias[3]);
            V b0 = a0, b1 = a1, b2 = a2, b3 = a3;
            float* start = rows + from, sum = sums + from;
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
            V.Store(a1, sum + TileWidth);
            V.Store(a2, sum + 2 * TileWidth);
            V.Store(a3, sum + 3 * TileWidth);
            if (step == 1)
                continue;
            V.Store(b0, sum + width);
            V.Store(b1, sum + TileWidth + width);
            V.Store(b2, sum + 2 * TileWidth + width);
            V.Store(b3, sum + 3 * TileWidth + width);
        }
    }

    /// <summary>Four outputs of four vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AccumulateWide<V>(float* weights, int inputs, float* bias, float* rows, int* offsets, float* sums)
        where V : unmanaged, ISimdVector<V, float>
    {
        float* w0 = weights, w1 = w0 + inputs, w2 = w1 + inputs, w3 = w2 + inputs;
        V a0 = V.Broadcast(bias[0]), b0 = a0, c0 = a0, d0 = a0;
        V a1 = V.Broadcast(bias[1]), b1 = a1, c1 = a1, d1 = a1;
        V a2 = V.Broadcast(bias[2]), b2 = a2, c2 = a2, d2 = a2;
        V a3 = V.Broadcast(bias[3]), b3 = a3, c3 = a3, d3 = a3;
        for (int i = 0; i < inputs; i++)
        {
            float* x = rows + offsets[i];
            V x0 = V.Load(x), x1 = V.Load(x + V.Width), x2 = V.Load(x + 2 * V.Width), x3 = V.Load(x + 3 * V.Width),
                weight = V.Broadcast(w0[i]);
            a0 = V.MultiplyAdd(x0, weight, a0);
            b0 = V.MultiplyAdd(x1, weight, b0);
            c0 = V.MultiplyAdd(x2, weight, c0);
            d0 = V.MultiplyAdd(x3, weight, d0);
            weight = V.Broadcast(w1[i]);
            a1 = V.MultiplyAdd(x0, weight, a1);
            b1 = V.MultiplyAdd(x1, weight, b1);
            c1 = V.MultiplyAdd(x2, weight, c1);
            d1 = V.MultiplyAdd(x3, weight, d1);
            weight = V.Broadcast(w2[i]);
            a2 = V.MultiplyAdd(x0, weight, a2);
            b2 = V.MultiplyAdd(x1, weight, b2);
            c2 = V.MultiplyAdd(x2, weight, c2);
            d2 = V.MultiplyAdd(x3, weight, d2);
            weight = V.Broadcast(w3[i]);
            a3 = V.MultiplyAdd(x0, weight, a3);
            b3 = V.MultiplyAdd(x1, weight, b3);
            c3 = V.MultiplyAdd(x2, weight, c3);
            d3 = V.MultiplyAdd(x3, weight, d3);
        }
        Store(a0, b0, c0, d0, sums);
        Store(a1, b1, c1, d1, sums + TileWidth);
        Store(a2, b2, c2, d2, sums + 2 * TileWidth);
        Store(a3, b3, c3, d3, sums + 3 * TileWidth);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void Store(V a, V b, V c, V d, float* sum)
        {
            V.Store(a, sum);
            V.Store(b, sum + V.Width);
            V.Store(c, sum + 2 * V.Width);
            V.Store(d, sum + 3 * V.Width);
        }
    }

    /// <summary>The epilogue of one output's row: + own + shared, then a ReLU if wanted.</summary>
    /// <param name="sums">The row.</param>
    /// <param name="own">Added; <see langword="null"/> for nothing.</param>
    /// <param name="shared">Added; <see langword="null"/> for nothing.</param>
    /// <param name="relu">Whether negative results become 0.</param>
    /// <param name="output">Where it is written.</param>
    /// <param name="count">Pixels.</param>
    /// <param name="nonTemporal">Whether to write it without filling the caches, as far as it is aligned.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreEpilogue<V>(float* sums, float* own, float* shared, bool relu, float* output, int count, bool nonTemporal)
        where V : unmanaged, ISimdVector<V, float>
    {
        int end = StoreEpilogue<V>(sums, own, shared, relu, output, 0, count, nonTemporal && (nint)output % (V.Width * sizeof(float)) == 0);
        StoreEpilogue<SimdScalar<float>>(sums, own, shared, relu, output, end, count, nonTemporal: false);
    }

    /// <summary>A row's even columns and its odd ones, each less a constant.</summary>
    /// <param name="row">Twice as many pixels.</param>
    /// <param name="even">Receives the even columns.</param>
    /// <param name="odd">Receives the odd ones.</param>
    /// <param name="count">How many of each.</param>
    /// <param name="less">What is subtracted.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SplitColumns<V>(float* row, float* even, float* odd, int count, float less = 0)
        where V : unmanaged, ISimdVector<V, float>
        => SplitColumns<SimdScalar<float>>(row, even, odd, SplitColumns<V>(row, even, odd, 0, count, less), count, less);

    /// <summary>From a pixel to the last whole vector; returns where that ends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int SplitColumns<V>(float* row, float* even, float* odd, int from, int count, float less)
        where V : unmanaged, ISimdVector<V, float>
    {
        V subtracted = V.Broadcast(less);
        for (; from + V.Width <= count; from += V.Width)
        {
            V.Deinterleave(V.Load(row + 2 * from), V.Load(row + 2 * from + V.Width), out V evens, out V odds);
            V.Store(evens - subtracted, even + from);
            V.Store(odds - subtracted, odd + from);
        }
        return from;
    }

    /// <summary>From a pixel to the last whole vector; returns where that ends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int StoreEpilogue<V>(float* sums, float* own, float* shared, bool relu, float* output, int from, int count,
        bool nonTemporal)
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
            if (nonTemporal)
                V.StoreNonTemporal(sum, output + from);
            else
                V.Store(sum, output + from);
        }
        return from;
    }
}
