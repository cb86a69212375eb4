using System.Numerics;
using Spn.Training.Scenes;

namespace Spn.Training.Corruption;

/// <summary>
/// Masks like those of a network that is unsure about whole regions: missing and additional parts of any size, boundaries that wander
/// smoothly, lost tips and thin parts, and soft transitions. Such masks are roughly calibrated: of the pixels with a probability of 0.3, about
/// three in ten belong to the object.
/// </summary>
internal static class Uncertainty
{
    /// <summary>
    /// Averages over cells of 3-12 u, blurs by 3-10 u, adds noise to the log-odds that is smooth over 24-160 u and, half of the time,
    /// changes with the colour of the image, and enlarges bilinearly.
    /// </summary>
    public static void Apply(CorruptionInput input)
    {
        SeededRandom random = input.Random;
        float unit = input.Unit, size = Math.Max(1, random.LogBetween(3, 12) * unit);
        float blur = random.LogBetween(3, 10) * unit / size;
        // The log-odds deep inside and far outside, and the noise as a share of them.
        float inside = random.LogBetween(1.2f, 5), outside = random.LogBetween(2, 6);
        float noiseInside = inside * random.LogBetween(0.2f, 1), noiseOutside = outside * random.LogBetween(0.12f, 0.55f);
        float scale = 16 / (random.LogBetween(24, 160) * unit), colours = random.Chance(0.5) ? random.LogBetween(4, 30) : 0;
        using NoiseField noise = new(random, 0.35f, 16); // the coarsest structures are 16 cells wide

        using Channel cells = Networks.Cells(input.Mask, size);
        Blur.Gaussian(cells, blur);
        float across = (float)input.Mask.Width / cells.Width, down = (float)input.Mask.Height / cells.Height;
        for (int y = 0; y < cells.Height; y++)
        {
            Span<float> row = cells.Row(y);
            for (int x = 0; x < row.Length; x++)
            {
                Vector2 at = new((x + 0.5f) * across, (y + 0.5f) * down);
                Vector2 colour = colours > 0 ? colours * Colour(input.Image, at, size) : Vector2.Zero;
                float side = 2 * row[x] - 1, error = noise.At(at.X * scale + colour.X, at.Y * scale + colour.Y);
                row[x] = side * (side > 0 ? inside : outside) + error * (noiseOutside + (noiseInside - noiseOutside) * row[x]);
            }
        }
        Blur.Gaussian(cells, 0.6f);
        foreach (ref float value in cells.Values)
            value = 1 / (1 + MathF.Exp(-value));
        Networks.Enlarge(cells, input.Mask);
    }

    /// <summary>The mean brightness and the mean of red minus blue, 0..1, of nine pixels of a cell.</summary>
    private static Vector2 Colour(LabeledImage image, Vector2 centre, float size)
    {
        Vector2 sum = default;
        for (int i = 0; i < 9; i++)
        {
            int x = Math.Clamp((int)(centre.X + (i % 3 - 1) * size / 3), 0, image.Width - 1);
            int y = Math.Clamp((int)(centre.Y + (i / 3 - 1) * size / 3), 0, image.Height - 1);
            ReadOnlySpan<byte> pixel = image.Rgb.AsSpan(3 * (y * image.Width + x), 3);
            sum += new Vector2(pixel[0] + pixel[1] + pixel[2], 3 * (pixel[0] - pixel[2]));
        }
        return sum / (9 * 3 * 255);
    }
}
