using SkiaSharp;

namespace Spn.Training.Scenes;

/// <summary>Paints the materials of surfaces.</summary>
internal static class Material
{
    /// <summary>Paints a random material into a region of a picture.</summary>
    /// <param name="random">Determines the material.</param>
    /// <param name="palette">The colours.</param>
    /// <param name="setting">The scene.</param>
    /// <param name="target">The picture to paint.</param>
    /// <param name="region">The region to paint.</param>
    /// <param name="horizon">The row of the horizon for a ground; null for an upright surface.</param>
    public static void Paint(SeededRandom random, Palette palette, Setting setting, Picture target, SKRectI region, float? horizon = null)
    {
        bool repeated = random.Chance(setting.Options.RepeatedTexture);
        if (!repeated && random.Chance(0.35f))
            StrokeTexture.Paint(random, palette, target, region, setting.Unit);
        else
            PatternTexture.Paint(random, palette, target, region, setting.Unit, repeated, horizon);
    }

    /// <summary>Copies from another place in a picture, mirrored at its borders: the same statistics at different positions.</summary>
    public static void PaintLike(SeededRandom random, Picture source, Picture target, SKRectI region)
    {
        int right = (int)(source.Width * random.Between(0.15f, 0.85f)), down = (int)(source.Height * random.Between(0.15f, 0.85f));
        float level = 1 + random.Sign() * random.Between(0.03f, 0.15f);
        for (int c = 0; c < 3; c++)
        {
            Channel from = source.Channels[c], to = target.Channels[c];
            for (int y = region.Top; y < region.Bottom; y++)
            {
                Span<float> row = to.Row(y);
                ReadOnlySpan<float> other = from.Row(Mirrored(y + down, source.Height));
                for (int x = region.Left; x < region.Right; x++)
                    row[x] = level * other[Mirrored(x + right, source.Width)];
            }
        }

        static int Mirrored(int at, int size) => at < size ? at : Math.Max(0, 2 * size - 1 - at);
    }
}
