using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Spn.Simd;

/// <summary>
/// Hints to the caches. A result larger than a core's own caches is evicted before it is read; non-temporal stores halve its traffic,
/// because no line is fetched only to be overwritten. What a core reads next from many places is prefetched while it still computes.
/// </summary>
internal static class CachePolicy
{
    private const long CoreBytes = 4 << 20; // a core's own caches hold 1 to 3 MB today

    /// <param name="floats">Size of a result, in float32 elements.</param>
    public static bool ExceedsCache(long floats) => floats * sizeof(float) > CoreBytes;

    /// <summary>Makes non-temporal stores visible to other threads.</summary>
    /// <param name="used">Whether there were any.</param>
    public static void StoreFence(bool used)
    {
        if (used && Sse.IsSupported)
            Sse.StoreFence();
    }

    /// <summary>Prefetches a run of memory into the second-level cache.</summary>
    /// <param name="run">Where it begins; <see langword="null"/> for none.</param>
    /// <param name="count">How many floats.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Prefetch(float* run, int count)
    {
        const int Line = 64 / sizeof(float);
        for (int i = 0; Sse.IsSupported && run != null && i < count; i += Line)
            Sse.Prefetch1(run + i);
    }
}
