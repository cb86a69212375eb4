using System.Numerics;
using Spn.Imaging;

namespace Spn.Refinement;

/// <summary>Classes that share each pixel.</summary>
internal static class ClassShares
{
    /// <summary>Avoids 0 / 0 at pixels where every class is zero; the classes become equal there.</summary>
    private const float Tiny = 1e-12f;

    /// <summary>
    /// Divides every pixel's classes by their sum. Classes that are 0 everywhere in the coarse maps stay 0, unless all are.
    /// </summary>
    /// <param name="maps"><c>[K, H, W]</c>, changed in place.</param>
    /// <param name="coarse">What the maps were refined from, <c>[K, H, W]</c>.</param>
    public static void SumToOne(Planes maps, Planes coarse)
    {
        bool[] present = [.. Enumerable.Range(0, maps.Count).Select(k => coarse[k].ContainsAnyExcept(0f))];
        bool none = !present.Contains(true);
        float[] sum = new float[maps.Width];
        for (int y = 0; y < maps.Height; y++)
        {
            Array.Clear(sum);
            for (int k = 0; k < maps.Count; k++)
            {
                if (none || present[k])
                    Accumulate(maps.Row(k, y), sum);
                else
                    maps.Row(k, y).Clear();
            }
            for (int k = 0; k < maps.Count; k++)
                Divide(maps.Row(k, y), sum);
        }
    }

    /// <summary>The index of the most likely class of each pixel, the lowest of equals.</summary>
    /// <param name="maps"><c>[K, H, W]</c>, K of 1 or more.</param>
    public static int[] Likeliest(Planes maps) => MostLikely.Of(maps.All, maps.Pixels);

    private static void Accumulate(Span<float> row, Span<float> sum)
    {
        int x = 0;
        for (; x <= row.Length - Vector<float>.Count; x += Vector<float>.Count)
        {
            Vector<float> positive = Vector.Max(new Vector<float>(row[x..]), new Vector<float>(Tiny));
            positive.CopyTo(row[x..]);
            (new Vector<float>(sum[x..]) + positive).CopyTo(sum[x..]);
        }
        for (; x < row.Length; x++)
            sum[x] += row[x] = Math.Max(row[x], Tiny);
    }

    private static void Divide(Span<float> row, ReadOnlySpan<float> sum)
    {
        int x = 0;
        for (; x <= row.Length - Vector<float>.Count; x += Vector<float>.Count)
            (new Vector<float>(row[x..]) / new Vector<float>(sum[x..])).CopyTo(row[x..]);
        for (; x < row.Length; x++)
            row[x] /= sum[x];
    }
}
