namespace Spn.Propagation.Cuda;

/// <summary>The element types of the kernels, numbered as the macro <c>SPN_SCALAR</c> has them. 16-bit tensors are computed in float32.</summary>
internal enum CudaScalar
{
    Float32,
    Float64,
    Float16,
    BFloat16,
}

internal static class CudaScalars
{
    /// <summary>Bytes of an element in memory.</summary>
    public static int Size(this CudaScalar scalar) => scalar switch { CudaScalar.Float32 => 4, CudaScalar.Float64 => 8, _ => 2 };

    /// <summary>Bytes of an element of state and sums.</summary>
    public static int RealSize(this CudaScalar scalar) => scalar == CudaScalar.Float64 ? 8 : 4;
}
