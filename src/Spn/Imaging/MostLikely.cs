using System.Numerics;
using System.Runtime.CompilerServices;

namespace Spn.Imaging;

/// <summary>The most likely one of several maps that share each pixel.</summary>
internal static class MostLikely
{
    /// <summary>Pixels that are compared through all maps before the next ones, so that they stay in the first cache.</summary>
    private const int Block = 2048;

    /// <summary>The index of the highest map at each pixel, the lowest of equals.</summary>
    /// <param name="maps"><c>[K, pixels]</c>, K of 1 or more.</param>
    /// <param name="pixels">The pixels of a map.</param>
    public static int[] Of(ReadOnlySpan<float> maps, int pixels)
    {
        int[] winners = new int[pixels];
        float[] best = new float[Math.Min(Block, pixels)];
        for (int begin = 0; begin < pixels; begin += Block)
        {
            int count = Math.Min(Block, pixels - begin);
            maps.Slice(begin, count).CopyTo(best);
            for (int k = 1; k < maps.Length / pixels; k++)
                Raise(maps.Slice(k * pixels + begin, count), k, best, winners.AsSpan(begin, count));
        }
        return winners;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Raise(ReadOnlySpan<float> map, int k, Span<float> best, Span<int> winners)
    {
        int i = 0;
        for (; i <= map.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> value = new(map[i..]), highest = new(best[i..]);
            Vector<int> higher = Vector.GreaterThan(value, highest);
            Vector.ConditionalSelect(higher, value, highest).CopyTo(best[i..]);
            Vector.ConditionalSelect(higher, new Vector<int>(k), new Vector<int>(winners[i..])).CopyTo(winners[i..]);
        }
        for (; i < map.Length; i++)
        {
            if (map[i] > best[i])
                (best[i], winners[i]) = (map[i], k);
        }
    }
}
