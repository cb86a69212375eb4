using Spn.Models;

namespace Spn.Refinement;

/// <summary>
/// The extent of a tile along an axis. Neighbours overlap by two margins, and fade into each other in the middle eighth of the overlap.
/// </summary>
/// <param name="Begin">The first pixel that is processed.</param>
/// <param name="End">The pixel after the last one.</param>
/// <param name="FadeIn">
/// The first pixel with a weight, which rises to 1 over a quarter of a margin; -1 if the tile begins at the border of the image.
/// </param>
/// <param name="FadeOut">
/// The pixel from which the weight falls to 0 over a quarter of a margin; -1 if the tile ends at the border of the image.
/// </param>
/// <param name="Margin">The margin in pixels.</param>
internal readonly record struct TileSpan(int Begin, int End, int FadeIn, int FadeOut, int Margin)
{
    private const int Grid = ITiledMethod.Grid;

    public int Length => End - Begin;

    /// <summary>The shortest side that leaves a margin between two fades, however the borders are rounded to the grid.</summary>
    public static int MinSide(int margin) => 4 * margin + 3 * Grid;

    /// <summary>The fewest tiles that cover an axis, about equally long.</summary>
    /// <param name="length">The image's pixels along it.</param>
    /// <param name="side">The maximum number of pixels of a tile, <see cref="MinSide"/> or more.</param>
    /// <param name="margin">The pixels that must be processed around those with a weight; a multiple of 64.</param>
    public static TileSpan[] Cover(int length, int side, int margin)
    {
        if (length <= side)
            return [new TileSpan(0, length, -1, -1, margin)];
        int inner = side - Grid - 2 * margin, count = (length - 2 * margin + inner - 1) / inner; // rounding to the grid may add up to 64
        double step = (length - 2.0 * margin) / count;
        int[] borders = [.. Enumerable.Range(0, count + 1).Select(i => (int)(margin + i * step) / Grid * Grid)]; // the first and the last one are not used
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
