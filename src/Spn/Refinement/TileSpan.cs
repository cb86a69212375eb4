using Spn.Guidance;

namespace Spn.Refinement;

/// <summary>One tile's extent along an axis. Neighbours overlap by two margins; in the middle eighth of that one fades into the other.</summary>
/// <param name="Begin">The first pixel that is looked at.</param>
/// <param name="End">The one after the last.</param>
/// <param name="FadeIn">The first pixel that counts: from here the weight rises to 1 over a quarter of a margin; -1 where the tile begins at the image's border.</param>
/// <param name="FadeOut">From here it falls to 0 over a quarter of a margin; -1 where the tile ends at the image's border.</param>
/// <param name="Margin">A margin.</param>
internal readonly record struct TileSpan(int Begin, int End, int FadeIn, int FadeOut, int Margin)
{
    private const int Grid = ITiledGuidance.Grid;

    public int Length => End - Begin;

    /// <summary>The shortest side of a tile that leaves a margin between two fades, whatever the rounding to the grid.</summary>
    public static int LeastSide(int margin) => 4 * margin + 3 * Grid;

    /// <summary>The fewest tiles that cover an axis, about equally long.</summary>
    /// <param name="length">The image's pixels along it.</param>
    /// <param name="side">The most pixels of a tile, <see cref="LeastSide"/> or more.</param>
    /// <param name="margin">The pixels to be looked at around what counts; a multiple of 64.</param>
    public static TileSpan[] Cover(int length, int side, int margin)
    {
        if (length <= side)
            return [new TileSpan(0, length, -1, -1, margin)];
        int room = side - Grid - 2 * margin, count = (length - 2 * margin + room - 1) / room; // rounding to the grid may add up to 64
        double step = (length - 2.0 * margin) / count;
        int[] borders = [.. Enumerable.Range(0, count + 1).Select(i => (int)(margin + i * step) / Grid * Grid)]; // the first and the last are not used
        return [.. Enumerable.Range(0, count).Select(i => new TileSpan(
            i == 0 ? 0 : borders[i] - margin,
            i == count - 1 ? length : borders[i + 1] + margin,
            i == 0 ? -1 : borders[i] - margin / 8,
            i == count - 1 ? -1 : borders[i + 1] - margin / 8,
            margin))];
    }

    /// <summary>The weight of each of the tile's pixels; those of all tiles sum to 1.</summary>
    public float[] Weights()
    {
        float[] weights = new float[Length];
        for (int i = 0; i < weights.Length; i++)
        {
            float rising = FadeIn < 0 ? 1 : Ramp(Begin + i - FadeIn), falling = FadeOut < 0 ? 1 : 1 - Ramp(Begin + i - FadeOut);
            weights[i] = rising * falling;
        }
        return weights;
    }

    private float Ramp(int pixels) => Math.Clamp((pixels + 0.5f) * 4 / Margin, 0, 1);
}
