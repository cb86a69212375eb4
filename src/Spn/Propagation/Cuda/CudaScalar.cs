namespace Spn.Propagation.Cuda;

/// <summary>
/// The element types of the kernels; the values are those of the macro <c>SPN_SCALAR</c>. 16-bit tensors are computed in float32.
/// </summary>
internal enum CudaScalar
{
    Float32,
    Float64,
    Float16,
    BFloat16,
}

internal static class CudaScalars
{
    /// <summary>Size of a tensor element in bytes.</summary>
    public static int Size(this CudaScalar scalar) => scalar switch { CudaScalar.Float32 => 4, CudaScalar.Float64 => 8, _ => 2 };

    /// <summary>Size in bytes of an element of the scan state and of sums.</summary>
    public static int RealSize(this CudaScalar scalar) => scalar == CudaScalar.Float64 ? 8 : 4;
}
