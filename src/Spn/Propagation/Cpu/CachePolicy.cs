using System.Runtime.Intrinsics.X86;
using TorchSharp;

namespace Spn.Propagation.Cpu;

/// <summary>
/// Whether a result is worth keeping in the caches. Of one that is larger than a core's own, the first lines are gone when they are read; written past them it costs half the traffic, since no line has
/// to be fetched only to be overwritten.
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
}
