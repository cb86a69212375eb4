using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Spn.Simd;

namespace Spn.Propagation.Cpu;

/// <summary>Copies a gradient plane to scratch memory and clears the pixels where another direction has the maximum.</summary>
internal static unsafe class WinnerTile
{
    /// <summary>
    /// The number of elements of the tile in which columns are masked before they are transposed: 16 rows of the widest block.
    /// </summary>
    public const int TileSize = 16 * 64;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Load<T, V>(
        T* plane, byte* winners, byte direction, in ScanGeometry scan, int first, int count, T* lines, nint stride, T* tile)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
    {
        if (!scan.Columns)
        {
            nint row = (nint)first * scan.Width;
            Mask<T, V>(plane + row, winners + row, direction, lines, scan.NextRow, scan.Length);
        }
        else
        {
            for (int i = 0; i < scan.Length; i += V.Width)
            {
                int rows = Math.Min(V.Width, scan.Length - i);
                for (int r = 0; r < rows; r++)
                {
                    nint at = (nint)(i + r) * scan.Width + first;
                    Mask<T, V>(plane + at, winners + at, direction, tile + r * scan.Block, V.Width * scan.Width, count);
                }

                Transpose<T, V>(tile, scan.Block, rows, count, lines + i, stride);
            }
        }

        for (int b = 0; b < count; b++)
        {
            for (int i = scan.Length; i < LineTile.Padded(scan.Length); i++)
                lines[b * stride + i] = T.Zero;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mask<T, V>(T* source, byte* winners, byte direction, T* destination, nint next, int length)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
    {
        int i = 0;
        for (; i + V.Width <= length; i += V.Width)
        {
            if (Sse.IsSupported)
            {
                Sse.Prefetch0(source + next + i);
                Sse.Prefetch0(winners + next + i);
            }

            V.Store(V.WhereEqual(winners + i, direction, V.Load(source + i)), destination + i);
        }

        for (; i < length; i++)
            destination[i] = winners[i] == direction ? source[i] : T.Zero;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transpose<T, V>(T* tile, int tileStride, int rows, int columns, T* lines, nint stride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
    {
        int whole = rows == V.Width ? columns & ~3 : 0;
        for (int b = 0; b < whole; b += 4)
        {
            V.LoadColumns(tile + b, tileStride, out V c0, out V c1, out V c2, out V c3);
            V.Store(c0, lines + b * stride);
            V.Store(c1, lines + (b + 1) * stride);
            V.Store(c2, lines + (b + 2) * stride);
            V.Store(c3, lines + (b + 3) * stride);
        }

        for (int b = whole; b < columns; b++)
        {
            for (int r = 0; r < rows; r++)
                lines[b * stride + r] = tile[r * tileStride + b];
        }
    }
}
