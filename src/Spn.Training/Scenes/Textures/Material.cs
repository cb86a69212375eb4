using SkiaSharp;

namespace Spn.Training.Scenes;

/// <summary>What surfaces are made of.</summary>
internal static class Material
{
    /// <summary>Paints a random material into a region of a picture.</summary>
    /// <param name="random">Decides everything.</param>
    /// <param name="palette">Its colours.</param>
    /// <param name="setting">The scene.</param>
    /// <param name="target">What is painted.</param>
    /// <param name="region">The part of it.</param>
    /// <param name="horizon">The row where a ground ends; null for what stands upright.</param>
    public static void Paint(SeededRandom random, Palette palette, Setting setting, Picture target, SKRectI region, float? horizon = null)
    {
        bool repeated = random.Chance(setting.Options.RepeatedTexture);
        if (!repeated && random.Chance(0.35f))
            StrokeTexture.Paint(random, palette, target, region, setting.Unit);
        else
            PatternTexture.Paint(random, palette, target, region, setting.Unit, repeated, horizon);
    }

    /// <summary>What a picture shows somewhere else, mirrored at its borders: the same statistics, nothing in place.</summary>
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
