using System.Runtime.Intrinsics.X86;
using static TorchSharp.torch;

namespace Spn.Guidance.Convolutions;

/// <summary>
/// In what the compact guidance network's inference on the CPU multiplies: bfloat16 where the processor does twice as many of its products at once (AVX512_BF16: AMD's since Zen 4, Intel's servers since
/// Cooper Lake), else float32. Sums are float32 in both, and so is the guidance that comes out. A refined mask changes by 0.01 grey levels of 255 on average, by a few in single pixels.
/// </summary>
internal static class ReducedPrecision
{
    private const string Switch = "Spn.ReducedPrecision";

    /// <summary>The processor's choice, unless the app has turned the switch <c>Spn.ReducedPrecision</c> off before it first used Spn.</summary>
    public static ScalarType Best { get; } = Choose(IsFast(), AppContext.TryGetSwitch(Switch, out bool isOn) ? isOn : null);

    /// <param name="fast">Whether the processor gains by it.</param>
    /// <param name="wanted">What the app says; <see langword="null"/> for nothing. On has no effect where nothing is gained.</param>
    public static ScalarType Choose(bool fast, bool? wanted) => fast && wanted != false ? ScalarType.BFloat16 : ScalarType.Float32;

    private static bool IsFast()
    {
        // .NET has no class for these instructions. Whether the system saves wide registers, without which they cannot be used, AVX-512's class knows.
        const int Features = 7, Bfloat16 = 1 << 5;
        return Avx512F.IsSupported && X86Base.CpuId(Features, 0).Eax >= 1 && (X86Base.CpuId(Features, 1).Eax & Bfloat16) != 0;
    }
}
