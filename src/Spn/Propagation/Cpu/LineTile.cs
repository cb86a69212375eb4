using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Spn.Simd;

namespace Spn.Propagation.Cpu;

/// <summary>
/// Copies lines between image planes and scratch memory. In scratch memory, rows and columns are contiguous, 64-byte aligned and padded on
/// both sides, so that the kernels need no special cases for ends and borders. Columns are transposed in registers, several cache lines of
/// each row at a time. Rows are prefetched, because each lies in another memory page, which hardware prefetchers do not follow.
/// </summary>
internal static unsafe class LineTile
{
    /// <summary>The number of padding elements on each side of a line, and the multiple to which its length is rounded up.</summary>
    public const int Pad = 16;

    /// <summary>The length of a line, rounded up to whole vectors of any width.</summary>
    public static int Padded(int length) => (length + Pad - 1) & -Pad;

    /// <summary>The distance between two lines in scratch memory, in elements.</summary>
    public static nint Stride(int length) => Padded(length) + 2 * Pad;

    /// <summary>Plane → lines. The elements between the length and the padded length become <paramref name="fill"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Load<T, V>(T* plane, in ScanGeometry scan, int first, int count, T* lines, nint stride, T fill)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
    {
        int length = scan.Length;
        if (scan.Columns)
            LoadColumns<T, V>(plane + first, scan, count, lines, stride);
        else
            LoadRow<T, V>(plane + (nint)first * scan.Width, scan.NextRow, lines, length);

        int padded = Padded(length);
        for (int b = 0; b < count && length < padded; b++)
        {
            for (int i = length; i < padded; i++)
                lines[b * stride + i] = fill;
        }
    }

    /// <summary>Lines → plane. Each element is combined with the existing one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Store<T, V, TMerge>(T* lines, nint stride, T* plane, in ScanGeometry scan, int first, int count, T weight)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
        where TMerge : IMergeStep
    {
        if (scan.Columns)
        {
            StoreColumns<T, V, TMerge>(lines, stride, plane + first, scan, count, weight);
            return;
        }

        T* row = plane + (nint)first * scan.Width;
        int i = 0;
        V w = V.Broadcast(weight);
        for (; i + V.Width <= scan.Length; i += V.Width)
        {
            if (Sse.IsSupported)
                Sse.Prefetch0(row + scan.NextRow + i);
            V.Store(TMerge.Combine<T, V>(TMerge.ReadsOld ? V.Load(row + i) : default, V.Load(lines + i), w), row + i);
        }

        for (; i < scan.Length; i++)
            row[i] = One<T, TMerge>(row[i], lines[i], weight);
    }

    /// <summary>The same step for one element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T One<T, TMerge>(T old, T value, T weight)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TMerge : IMergeStep
    {
        T result;
        SimdScalar<T>.Store(TMerge.Combine<T, SimdScalar<T>>(new(old), new(value), new(weight)), &result);
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy<T, V>(T* source, T* destination, int length)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
    {
        int i = 0;
        for (; i + V.Width <= length; i += V.Width)
            V.Store(V.Load(source + i), destination + i);
        for (; i < length; i++)
            destination[i] = source[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void LoadRow<T, V>(T* row, nint next, T* line, int length)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
    {
        int i = 0;
        for (; i + V.Width <= length; i += V.Width)
        {
            if (Sse.IsSupported)
                Sse.Prefetch0(row + next + i);
            V.Store(V.Load(row + i), line + i);
        }

        for (; i < length; i++)
            line[i] = row[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void LoadColumns<T, V>(T* source, in ScanGeometry scan, int count, T* lines, nint stride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
    {
        nint width = scan.Width;
        int whole = count & ~3;
        int i = 0;
        for (; i + V.Width <= scan.Length; i += V.Width)
        {
            T* rows = source + i * width;
            PrefetchRows(rows + V.Width * width, width, V.Width, count);

            for (int b = 0; b < whole; b += 4)
            {
                V.LoadColumns(rows + b, width, out V c0, out V c1, out V c2, out V c3);
                T* line = lines + b * stride + i;
                V.Store(c0, line);
                V.Store(c1, line + stride);
                V.Store(c2, line + 2 * stride);
                V.Store(c3, line + 3 * stride);
            }

            for (int b = whole; b < count; b++)
            {
                for (int r = 0; r < V.Width; r++)
                    lines[b * stride + i + r] = rows[r * width + b];
            }
        }

        for (; i < scan.Length; i++)
        {
            for (int b = 0; b < count; b++)
                lines[b * stride + i] = source[i * width + b];
        }
    }

    /// <summary>
    /// Prefetches the rows of the next tile into L2. Prefetching farther ahead would evict them again, because the distance between rows is
    /// often a power of two.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrefetchRows<T>(T* rows, nint width, int count, int length)
        where T : unmanaged
    {
        if (!Sse.IsSupported)
            return;
        for (int r = 0; r < count; r++)
        {
            for (int b = 0; b < length; b += 64 / sizeof(T))
                Sse.Prefetch1(rows + r * width + b);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void StoreColumns<T, V, TMerge>(T* lines, nint stride, T* destination, in ScanGeometry scan, int count, T weight)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
        where TMerge : IMergeStep
    {
        nint width = scan.Width;
        int whole = count / V.Width * V.Width;
        V w = V.Broadcast(weight);
        int i = 0;
        for (; i + 4 <= scan.Length && whole > 0; i += 4)
        {
            T* row = destination + i * width;
            for (int b = 0; b < whole; b += V.Width, row += V.Width)
            {
                V.LoadColumns(lines + b * stride + i, stride, out V r0, out V r1, out V r2, out V r3);
                Put<T, V, TMerge>(r0, row, w);
                Put<T, V, TMerge>(r1, row + width, w);
                Put<T, V, TMerge>(r2, row + 2 * width, w);
                Put<T, V, TMerge>(r3, row + 3 * width, w);
            }
        }

        for (int r = 0; r < scan.Length; r++)
        {
            T* row = destination + r * width;
            for (int b = r < i ? whole : 0; b < count; b++)
                row[b] = One<T, TMerge>(row[b], lines[b * stride + r], weight);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<T, V, TMerge>(V value, T* destination, V weight)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
        where TMerge : IMergeStep
        => V.Store(TMerge.Combine<T, V>(TMerge.ReadsOld ? V.Load(destination) : default, value, weight), destination);
}
