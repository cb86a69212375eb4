using System.Numerics;
using System.Runtime.InteropServices;

namespace Spn.Propagation.Cuda;

/// <summary>A tensor <c>[N, C, H, W]</c>, given by its address and its strides in elements: <c>Map</c> in tile.cuh.
/// The kernels require that pixels of a row are adjacent.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CudaMap
{
    public void* Data;
    public long Batch, Channel, Row, Column;

    /// <summary>The largest power of two in bytes, at most 16, that divides the start address of every row.</summary>
    public long Alignment;

    public CudaMap(void* data, int elementSize, ReadOnlySpan<long> sizes, ReadOnlySpan<long> strides)
    {
        Data = data;
        (Batch, Channel, Row, Column) = (strides[0], strides[1], strides[2], strides[3]);
        long steps = 16 | (long)data;
        for (int i = 0; i < 3; i++)
            steps |= sizes[i] > 1 ? strides[i] * elementSize : 0;
        Alignment = 1L << BitOperations.TrailingZeroCount(steps);
    }

    /// <summary>
    /// Bytes of the kernels' accesses to these maps, at most 16: a power of two that divides the address of every row and the length of a
    /// row, so that no access crosses the image's edge. A map without data does not count.
    /// </summary>
    public static int Vector(int width, int elementSize, params ReadOnlySpan<CudaMap> maps)
    {
        long all = 16 | (long)width * elementSize;
        foreach (ref readonly CudaMap map in maps)
            all |= map.Data == null ? 0 : map.Alignment;
        return 1 << BitOperations.TrailingZeroCount(all);
    }

    /// <summary>Describes a contiguous tensor.</summary>
    public static CudaMap Contiguous(void* data, int elementSize, long batch, long channels, long height, long width)
        => new(data, elementSize, [batch, channels, height, width], [channels * height * width, height * width, width, 1]);
}
