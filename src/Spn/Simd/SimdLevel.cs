using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Spn.Simd;

/// <summary>The steps of the SIMD ladder, by vector width in bits.</summary>
internal enum SimdLevel
{
    Scalar = 0,
    V128 = 128,
    V256 = 256,
    V512 = 512,
}

internal static class SimdLevels
{
    /// <summary>The widest level this machine runs.</summary>
    public static SimdLevel Best { get; } =
        IsSupported(SimdLevel.V512) ? SimdLevel.V512
        : IsSupported(SimdLevel.V256) ? SimdLevel.V256
        : IsSupported(SimdLevel.V128) ? SimdLevel.V128
        : SimdLevel.Scalar;

    public static bool IsSupported(SimdLevel level) => level switch
    {
        SimdLevel.V512 => Vector512.IsHardwareAccelerated && Avx512F.IsSupported,
        SimdLevel.V256 => Vector256.IsHardwareAccelerated && Avx2.IsSupported,
        SimdLevel.V128 => Vector128.IsHardwareAccelerated,
        _ => true,
    };
}
