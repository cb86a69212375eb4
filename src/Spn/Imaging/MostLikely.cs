namespace Spn.Imaging;

/// <summary>The most likely one of several maps that share each pixel.</summary>
internal static class MostLikely
{
    /// <summary>The index of the highest map at each pixel, the lowest of equals.</summary>
    /// <param name="maps"><c>[K, pixels]</c>, K of 1 or more.</param>
    /// <param name="pixels">The pixels of a map.</param>
    public static int[] Of(ReadOnlySpan<float> maps, int pixels)
    {
        int[] winners = new int[pixels];
        float[] best = maps[..pixels].ToArray();
        for (int k = 1; k < maps.Length / pixels; k++)
        {
            ReadOnlySpan<float> map = maps.Slice(k * pixels, pixels);
            for (int i = 0; i < best.Length; i++)
            {
                if (map[i] > best[i])
                    (best[i], winners[i]) = (map[i], k);
            }
        }
        return winners;
    }
}
