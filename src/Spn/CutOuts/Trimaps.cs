using Spn.Metrics;

namespace Spn.CutOuts;

/// <summary>Trimaps: what is surely foreground, surely background, and unknown.</summary>
internal static class Trimaps
{
    /// <summary>
    /// 1 where every pixel within the radius is surely inside, 0 where every one is surely outside, otherwise 0.5.
    /// </summary>
    /// <param name="mask">The mask.</param>
    /// <param name="radius">0 or more.</param>
    /// <param name="margin">How far a value may be from 0 or 1 and still be sure.</param>
    public static float[] Of(Mask mask, int radius, float margin)
    {
        byte[] nearOutside = Near(mask, value => value < 1 - margin, radius), nearInside = Near(mask, value => value > margin, radius);
        float[] trimap = new float[nearInside.Length];
        for (int i = 0; i < trimap.Length; i++)
            trimap[i] = nearOutside[i] == 0 ? 1 : nearInside[i] == 0 ? 0 : 0.5f;
        return trimap;
    }

    /// <summary>1 where a pixel within the radius is chosen, otherwise 0.</summary>
    private static byte[] Near(Mask mask, Func<float, bool> isChosen, int radius)
    {
        bool[] chosen = Array.ConvertAll(mask.Pixels.ToArray(), value => isChosen(value));
        byte[] near = radius == 0
            ? new byte[chosen.Length]
            : new BoundaryBands(BinaryMask.From(chosen, mask.Width, mask.Height)).WithRadius(radius);
        for (int i = 0; i < near.Length; i++)
            near[i] |= chosen[i] ? (byte)1 : (byte)0; // the band has pixels on both sides of a boundary
        return near;
    }
}
