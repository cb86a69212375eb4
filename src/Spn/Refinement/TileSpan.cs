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

    /// <summary>The first pixel with a weight.</summary>
    public int WeightBegin => FadeIn < 0 ? Begin : FadeIn;

    /// <summary>The pixel after the last one with a weight.</summary>
    public int WeightEnd => FadeOut < 0 ? End : FadeOut + Margin / 4;

    /// <summary>The shortest side that leaves a margin between two fades, however the borders are rounded to the grid.</summary>
    public static int MinSide(int margin) => 4 * margin + 3 * Grid;

    /// <summary>The fewest tiles that cover an axis, about equally long.</summary>
    /// <param name="length">The image's pixels along it.</param>
    /// <param name="side">The maximum number of pixels of a tile, <see cref="MinSide"/> or more.</param>
    /// <param name="margin">The pixels that must be processed around those with a weight; a multiple of 64.</param>
    public static TileSpan[] Cover(int length, int side, int margin) => Cover(0, length, length, side, margin);

    /// <summary>The fewest tiles that give the pixels of a range their full weight, about equally long.</summary>
    /// <param name="first">The first pixel of the range.</param>
    /// <param name="end">The pixel after its last one.</param>
    /// <param name="length">The image's pixels along the axis.</param>
    /// <param name="side">The maximum number of pixels of a tile, <see cref="MinSide"/> or more.</param>
    /// <param name="margin">The pixels that must be processed around those with a weight; a multiple of 64.</param>
    public static TileSpan[] Cover(int first, int end, int length, int side, int margin)
    {
        int around = margin + margin / 8; // the fade reaches an eighth of a margin into the range
        int begin = first <= around ? 0 : (first - around) / Grid * Grid;
        end = length - end <= around ? length : Math.Min(length, (end + around + Grid - 1) / Grid * Grid);
        int covered = end - begin, count = 1;
        if (covered > side)
        {
            int inner = side - Grid - 2 * margin; // rounding to the grid may add up to 64
            count = (covered - 2 * margin + inner - 1) / inner;
        }
        double step = (covered - 2.0 * margin) / count;
        // Where neighbours meet; those at the border of the image are not used.
        int[] borders = [.. Enumerable.Range(0, count + 1).Select(i => (int)(begin + margin + i * step) / Grid * Grid)];
        (borders[0], borders[count]) = (begin + margin, end - margin);
        return [.. Enumerable.Range(0, count).Select(i => new TileSpan(
            i == 0 ? begin : borders[i] - margin,
            i == count - 1 ? end : borders[i + 1] + margin,
            i == 0 && begin == 0 ? -1 : borders[i] - margin / 8,
            i == count - 1 && end == length ? -1 : borders[i + 1] - margin / 8,
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
