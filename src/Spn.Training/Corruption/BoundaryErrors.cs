using System.Numerics;
using SkiaSharp;
using Spn.Training.Scenes;

namespace Spn.Training.Corruption;

/// <summary>Missing and additional pieces, mostly near the boundary.</summary>
internal static class BoundaryErrors
{
    /// <summary>Adds or removes 4-45 discs with radii of 2-17 u that are centred on the boundary.</summary>
    public static void Bumps(CorruptionInput input)
    {
        SeededRandom random = input.Random;
        List<Vector2> border = Border.Points(input.Mask, out _);
        int count = random.Count(4, 45);
        float added = random.Chance(0.7) ? 0.5f : random.Next(), largest = random.Between(7, 17);
        for (int i = 0; i < count && border.Count > 0; i++)
        {
            float radius = random.Between(2, largest) * input.Unit;
            Set(input.Mask, [Outlines.Ellipse(random, border[random.Below(border.Count)], radius, radius)], random.Chance(added) ? 1 : 0);
        }
    }

    /// <summary>
    /// Adds or removes 1-3 large pieces: bites out of the object, holes, extensions into the background, and separate islands.
    /// </summary>
    public static void Pieces(CorruptionInput input)
    {
        SeededRandom random = input.Random;
        List<Vector2> border = Border.Points(input.Mask, out List<Vector2> normals);
        int count = random.Count(1, 3);
        for (int i = 0; i < count && border.Count > 0; i++)
        {
            int at = random.Below(border.Count);
            float size = random.LogBetween(8, 34) * input.Unit, value = random.Chance(0.5) ? 1 : 0;
            // Removed pieces are inside the boundary and added ones outside it; some of them reach the boundary.
            Vector2 centre = border[at] + (value == 1 ? 1 : -1) * size * random.Between(0.2f, 1.6f) * normals[at];
            Set(input.Mask, [Outlines.Blob(random, centre, new(size, size * random.Between(0.35f, 1)), random.Between(0, MathF.PI), 0.15f)],
                value);
        }
    }

    /// <summary>Adds 3-40 islands and holes of 1-9 u anywhere in the image, two thirds of them in a few clusters.</summary>
    public static void Specks(CorruptionInput input)
    {
        SeededRandom random = input.Random;
        (int width, int height) = (input.Mask.Width, input.Mask.Height);
        Vector2[] clusters = [.. Enumerable.Range(0, random.Count(1, 3)).Select(_ => Anywhere())];
        int count = random.Count(3, 40);
        float spread = random.LogBetween(10, 50) * input.Unit, largest = random.LogBetween(3, 9);
        for (int i = 0; i < count; i++)
        {
            Vector2 centre = random.Chance(0.67)
                ? random.Of<Vector2>(clusters) + spread * new Vector2(random.Normal(), random.Normal())
                : Anywhere();
            float size = random.LogBetween(1, largest) * input.Unit;
            int x = Math.Clamp((int)centre.X, 0, width - 1), y = Math.Clamp((int)centre.Y, 0, height - 1);
            float value = input.Mask.Row(y)[x] >= 0.5f ? 0 : 1; // a hole in the object, an island in the background
            Vector2[] speck = Outlines.Blob(
                random, centre, new(size, size * random.Between(0.4f, 1)), random.Between(0, MathF.PI), 0.15f);
            Set(input.Mask, [speck], value);
        }

        Vector2 Anywhere() => new(random.Next() * width, random.Next() * height);
    }

    private static void Set(Channel mask, Vector2[][] contours, float value)
    {
        using Channel coverage = new(mask.Width, mask.Height);
        SKRectI region = Coverage.Draw(coverage, contours);
        for (int y = region.Top; y < region.Bottom; y++)
        {
            Span<float> row = mask.Row(y), cover = coverage.Row(y);
            for (int x = region.Left; x < region.Right; x++)
                row[x] += (value - row[x]) * cover[x];
        }
    }
}
