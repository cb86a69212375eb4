using Spn.Imaging;
using Spn.Metrics;

namespace Spn.Refinement;

/// <summary>Restricts changes to a band around the boundary of the coarse mask; the coarse mask stays elsewhere.</summary>
internal static class ChangeLimit
{
    /// <summary>Restores the coarse maps outside the band, where no pixel of the other side lies within the radius.</summary>
    /// <param name="refined"><c>[K, H, W]</c>, changed in place.</param>
    /// <param name="coarse"><c>[K, H, W]</c>.</param>
    /// <param name="band">The radius as a share of √(W·H).</param>
    /// <param name="areClasses">
    /// Whether the K maps are classes that share each pixel. If so, the inside of a map is where it is the most likely one, and all maps
    /// share one band around all boundaries. Otherwise the inside is 0.5 and more, and each map has its own band.
    /// </param>
    public static void Apply(Planes refined, Planes coarse, double band, bool areClasses)
    {
        (int width, int height) = (coarse.Width, coarse.Height);
        int radius = Math.Clamp((int)Math.Round(band * Math.Sqrt((double)width * height)), 1, ushort.MaxValue - 1);
        bool[] inside = new bool[coarse.Pixels];
        byte[] near = new byte[coarse.Pixels];
        float[]? best = areClasses ? Best(coarse) : null;
        for (int k = 0; k < coarse.Count; k++)
        {
            ReadOnlySpan<float> map = coarse[k];
            for (int i = 0; i < inside.Length; i++)
                inside[i] = best is null ? map[i] >= 0.5f : map[i] > 0 && map[i] == best[i];
            byte[] own = new BoundaryBands(BinaryMask.From(inside, width, height)).WithRadius(radius);
            if (!areClasses)
            {
                Restore(refined[k], map, own);
                continue;
            }
            for (int i = 0; i < near.Length; i++)
                near[i] |= own[i];
        }
        for (int k = 0; areClasses && k < coarse.Count; k++)
            Restore(refined[k], coarse[k], near);
    }

    private static void Restore(Span<float> refined, ReadOnlySpan<float> coarse, byte[] near)
    {
        for (int i = 0; i < refined.Length; i++)
        {
            if (near[i] == 0)
                refined[i] = coarse[i];
        }
    }

    private static float[] Best(Planes maps)
    {
        float[] best = maps[0].ToArray();
        for (int k = 1; k < maps.Count; k++)
        {
            ReadOnlySpan<float> map = maps[k];
            for (int i = 0; i < best.Length; i++)
                best[i] = Math.Max(best[i], map[i]);
        }
        return best;
    }
}
