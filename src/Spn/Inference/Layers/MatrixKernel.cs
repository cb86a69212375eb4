using System.Runtime.CompilerServices;
using Spn.Simd;

namespace Spn.Inference.Layers;

/// <summary>
/// The micro-kernel of the convolutions over channels-last maps: a small matrix product C = A·B + bias, B packed in panels of
/// <see cref="PixelMaps.Lanes"/> columns. Rows of A are broadcast, columns of B are vectors, and twelve sums stay in registers.
/// </summary>
internal static unsafe class MatrixKernel
{
    /// <summary>A must be readable for its rows rounded up to a multiple of this.</summary>
    public const int RowBlock = 12;

    private const int Lanes = PixelMaps.Lanes;

    /// <param name="a"><c>[rows, depth]</c>, its rows <paramref name="aStride"/> apart.</param>
    /// <param name="aStride">Floats from row to row.</param>
    /// <param name="rows">Rows of A and C.</param>
    /// <param name="depth">Columns of A, rows of B.</param>
    /// <param name="b"><c>[columns / 16, depth, 16]</c>.</param>
    /// <param name="columns">Columns of B and C, a multiple of 16.</param>
    /// <param name="c"><c>[rows, columns]</c>, its rows <paramref name="cStride"/> apart.</param>
    /// <param name="cStride">Floats from row to row.</param>
    /// <param name="bias"><c>[columns]</c>; <see langword="null"/> for nothing.</param>
    /// <param name="relu">Whether negative results become 0.</param>
    public static void Multiply<V>(
        float* a, nint aStride, int rows, int depth, float* b, int columns, float* c, nint cStride, float* bias = null, bool relu = false)
        where V : unmanaged, ISimdVector<V, float>
    {
        int width = V.Width, column = 0;
        nint panel = (nint)depth * Lanes;
        for (; column + 2 * width <= columns; column += 2 * width)
        {
            float* b0 = b + column / Lanes * panel + column % Lanes, b1 = b + (column + width) / Lanes * panel + (column + width) % Lanes;
            for (int row = 0; row < rows; row += 6)
                Pair<V>(a + row * aStride, aStride, Math.Min(6, rows - row), depth, b0, b1, c + row * cStride + column, cStride,
                    Offset(bias, column), relu);
        }
        for (; column < columns; column += width)
        {
            float* b0 = b + column / Lanes * panel + column % Lanes;
            for (int row = 0; row < rows; row += RowBlock)
            {
                int count = Math.Min(RowBlock, rows - row);
                Single<V>(a + row * aStride, aStride, count, depth, b0, c + row * cStride + column, cStride, Offset(bias, column), relu);
            }
        }

        static float* Offset(float* bias, int column) => bias == null ? null : bias + column;
    }

    /// <summary>Six rows of two vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pair<V>(float* a, nint stride, int rows, int depth, float* b0, float* b1, float* c, nint cStride, float* bias,
        bool relu)
        where V : unmanaged, ISimdVector<V, float>
    {
        V s00 = bias == null ? default : V.Load(bias), s01 = bias == null ? default : V.Load(bias + V.Width);
        V s10 = s00, s11 = s01, s20 = s00, s21 = s01, s30 = s00, s31 = s01, s40 = s00, s41 = s01, s50 = s00, s51 = s01;
        nint twice = 2 * stride;
        float* a3 = a + 3 * stride;
        for (int k = 0; k < depth; k++, a++, a3++, b0 += Lanes, b1 += Lanes)
        {
            V left = V.Load(b0), right = V.Load(b1), value = V.Broadcast(a[0]);
            s00 = V.MultiplyAdd(value, left, s00);
            s01 = V.MultiplyAdd(value, right, s01);
            value = V.Broadcast(a[stride]);
            s10 = V.MultiplyAdd(value, left, s10);
            s11 = V.MultiplyAdd(value, right, s11);
            value = V.Broadcast(a[twice]);
            s20 = V.MultiplyAdd(value, left, s20);
            s21 = V.MultiplyAdd(value, right, s21);
            value = V.Broadcast(a3[0]);
            s30 = V.MultiplyAdd(value, left, s30);
            s31 = V.MultiplyAdd(value, right, s31);
            value = V.Broadcast(a3[stride]);
            s40 = V.MultiplyAdd(value, left, s40);
            s41 = V.MultiplyAdd(value, right, s41);
            value = V.Broadcast(a3[twice]);
            s50 = V.MultiplyAdd(value, left, s50);
            s51 = V.MultiplyAdd(value, right, s51);
        }
        Store(s00, s01, c, relu);
        if (rows > 1)
            Store(s10, s11, c + cStride, relu);
        if (rows > 2)
            Store(s20, s21, c + 2 * cStride, relu);
        if (rows > 3)
            Store(s30, s31, c + 3 * cStride, relu);
        if (rows > 4)
            Store(s40, s41, c + 4 * cStride, relu);
        if (rows > 5)
            Store(s50, s51, c + 5 * cStride, relu);
    }

    /// <summary>Twelve rows of one vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Single<V>(float* a, nint stride, int rows, int depth, float* b, float* c, nint cStride, float* bias, bool relu)
        where V : unmanaged, ISimdVector<V, float>
    {
        V s0 = bias == null ? default : V.Load(bias), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0, s8 = s0, s9 = s0,
            s10 = s0, s11 = s0;
        nint twice = 2 * stride;
        float* a3 = a + 3 * stride, a6 = a3 + 3 * stride, a9 = a6 + 3 * stride;
        for (int k = 0; k < depth; k++, a++, a3++, a6++, a9++, b += Lanes)
        {
            V value = V.Load(b);
            s0 = V.MultiplyAdd(V.Broadcast(a[0]), value, s0);
            s1 = V.MultiplyAdd(V.Broadcast(a[stride]), value, s1);
            s2 = V.MultiplyAdd(V.Broadcast(a[twice]), value, s2);
            s3 = V.MultiplyAdd(V.Broadcast(a3[0]), value, s3);
            s4 = V.MultiplyAdd(V.Broadcast(a3[stride]), value, s4);
            s5 = V.MultiplyAdd(V.Broadcast(a3[twice]), value, s5);
            s6 = V.MultiplyAdd(V.Broadcast(a6[0]), value, s6);
            s7 = V.MultiplyAdd(V.Broadcast(a6[stride]), value, s7);
            s8 = V.MultiplyAdd(V.Broadcast(a6[twice]), value, s8);
            s9 = V.MultiplyAdd(V.Broadcast(a9[0]), value, s9);
            s10 = V.MultiplyAdd(V.Broadcast(a9[stride]), value, s10);
            s11 = V.MultiplyAdd(V.Broadcast(a9[twice]), value, s11);
        }
        Store(s0, c, cStride, 0, rows, relu);
        Store(s1, c, cStride, 1, rows, relu);
        Store(s2, c, cStride, 2, rows, relu);
        Store(s3, c, cStride, 3, rows, relu);
        Store(s4, c, cStride, 4, rows, relu);
        Store(s5, c, cStride, 5, rows, relu);
        Store(s6, c, cStride, 6, rows, relu);
        Store(s7, c, cStride, 7, rows, relu);
        Store(s8, c, cStride, 8, rows, relu);
        Store(s9, c, cStride, 9, rows, relu);
        Store(s10, c, cStride, 10, rows, relu);
        Store(s11, c, cStride, 11, rows, relu);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<V>(V sum, float* c, nint stride, int row, int rows, bool relu)
        where V : unmanaged, ISimdVector<V, float>
    {
        if (row < rows)
            V.Store(relu ? V.Max(default, sum) : sum, c + row * stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<V>(V left, V right, float* c, bool relu)
        where V : unmanaged, ISimdVector<V, float>
    {
        V.Store(relu ? V.Max(default, left) : left, c); // in this order a NaN stays one
        V.Store(relu ? V.Max(default, right) : right, c + V.Width);
    }
}
