using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using TorchSharp;

namespace Spn.Propagation.Cpu;

/// <summary>
/// What goes to the caches and when. A result that is larger than a core's own has lost its first lines when it is read; written past them it costs half the traffic, since no line has
/// to be fetched only to be overwritten. What a core reads from many places next is fetched while it still computes.
/// </summary>
internal static class CachePolicy
{
    private const long CoresOwn = 4 << 20; // bytes; of today's cores 1 to 3 MB

    /// <param name="output">Float32 maps.</param>
    public static bool IsLarge(torch.Tensor output) => output.numel() * sizeof(float) > CoresOwn;

    /// <summary>What went past the caches is seen by other threads from here on.</summary>
    /// <param name="past">Whether anything did.</param>
    public static void Fence(bool past)
    {
        if (past && Sse.IsSupported)
            Sse.StoreFence();
    }

    /// <summary>Has a run of memory brought into a core's caches while the core works on something else.</summary>
    /// <param name="run">Where it begins; <see langword="null"/> for nothing.</param>
    /// <param name="count">How many floats.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Ahead(float* run, int count)
    {
        const int Line = 64 / sizeof(float);
        for (int i = 0; Sse.IsSupported && run != null && i < count; i += Line)
            Sse.Prefetch1(run + i);
    }
}
