using System.Runtime.InteropServices;
using Spn.Propagation.Cuda;

namespace Spn.Testing;

/// <summary>Numbers as the kernels' element types have them in memory.</summary>
internal static class DeviceNumbers
{
    /// <summary>What a result may be off by, as a part of the largest value: as the suite on tensors has it.</summary>
    public static double Tolerance(CudaScalar scalar) => scalar switch
    {
        CudaScalar.Float64 => 1e-12,
        CudaScalar.Float32 => 1e-5,
        CudaScalar.Float16 => 4 * Math.Pow(2, -11),
        _ => 4 * Math.Pow(2, -8),
    };

    public static byte[] ToBytes(double[] values, CudaScalar scalar) => scalar switch
    {
        CudaScalar.Float32 => MemoryMarshal.AsBytes(Array.ConvertAll(values, value => (float)value).AsSpan()).ToArray(),
        CudaScalar.Float64 => MemoryMarshal.AsBytes(values.AsSpan()).ToArray(),
        CudaScalar.Float16 => MemoryMarshal.AsBytes(Array.ConvertAll(values, value => (Half)value).AsSpan()).ToArray(),
        _ => MemoryMarshal.AsBytes(Array.ConvertAll(values, ToBFloat16).AsSpan()).ToArray(),
    };

    public static double[] FromBytes(byte[] bytes, CudaScalar scalar) => scalar switch
    {
        CudaScalar.Float32 => Array.ConvertAll(MemoryMarshal.Cast<byte, float>(bytes).ToArray(), value => (double)value),
        CudaScalar.Float64 => MemoryMarshal.Cast<byte, double>(bytes).ToArray(),
        CudaScalar.Float16 => Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(bytes).ToArray(), value => (double)value),
        _ => Array.ConvertAll(MemoryMarshal.Cast<byte, ushort>(bytes).ToArray(), bits => (double)BitConverter.UInt32BitsToSingle((uint)bits << 16)),
    };

    public static double[] Rounded(double[] values, CudaScalar scalar) => FromBytes(ToBytes(values, scalar), scalar);

    // The upper half of a float, rounded to the nearest, to even on a tie.
    private static ushort ToBFloat16(double value)
    {
        uint bits = BitConverter.SingleToUInt32Bits((float)value);
        return (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }
}
