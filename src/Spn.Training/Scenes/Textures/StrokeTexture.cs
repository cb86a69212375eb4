using System.Numerics;
using SkiaSharp;

namespace Spn.Training.Scenes;

/// <summary>
/// Textures of many overlapping elements: leaves, blades of grass, stones, boxes, defocused lights. Sizes follow a power law and later
/// elements hide earlier ones, which reproduces the statistics of photographs (the dead leaves model).
/// </summary>
internal static class StrokeTexture
{
    private enum Kind { Discs, Boxes, Leaves, Blades, Lights }

    public static void Paint(SeededRandom random, Palette palette, Picture target, SKRectI region, float unit)
    {
        Kind kind = (Kind)random.Weighted([1, 1, 2, 2, 0.4f]);
        using SKBitmap bitmap = new(new SKImageInfo(region.Width, region.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using SKCanvas canvas = new(bitmap);
        using SKPaint paint = new() { IsAntialias = true };
        canvas.Clear(Colour(palette.Pick(random) * 0.4f, 1));
        float largest = unit * (kind is Kind.Blades ? random.LogBetween(8, 50) : random.LogBetween(8, 60)),
            smallest = Math.Max(1.2f, largest / random.LogBetween(4, 12));
        float area = (float)region.Width * region.Height, mean = smallest * MathF.Sqrt(largest / smallest);
        int count = (int)Math.Clamp((kind is Kind.Blades ? 9 : 2.5f) * area / (mean * mean), 20, kind is Kind.Blades ? 900 : 700);
        float depth = random.Between(0, 0.8f), upright = random.Between(0.05f, 0.6f),
            angle = kind is Kind.Blades && random.Chance(0.75f) ? -MathF.PI / 2 : random.Between(0, MathF.Tau);
        float thin = kind is Kind.Blades ? random.Between(0.04f, 0.12f) : random.Between(0.2f, 0.6f);
        Vector3 first = palette.Pick(random), second = palette.Pick(random);
        for (int i = 0; i < count; i++)
        {
            float progress = (float)i / count;
            // The radii r have a density of r^-3, so 1/r² is uniform.
            float radius = 1 / MathF.Sqrt(random.Between(1 / (largest * largest), 1 / (smallest * smallest)));
            Vector2 at = new(random.Between(-radius, region.Width + radius), random.Between(-radius, region.Height + radius));
            Vector3 colour = Vector3.Lerp(first, second, random.Next()) * (1 - depth * (1 - progress)) * (1 + 0.15f * random.Normal());
            if (random.Chance(0.1f))
                colour = palette.Pick(random);
            paint.Color = Colour(colour, kind is Kind.Lights ? random.Between(0.2f, 0.7f) : 1);
            Draw(random, kind, canvas, paint, at, radius, angle + upright * random.Normal(), thin);
        }
        canvas.Flush();
        Copy(bitmap, target, region);
    }

    private static void Draw(
        SeededRandom random, Kind kind, SKCanvas canvas, SKPaint paint, Vector2 at, float radius, float angle, float thin)
    {
        switch (kind)
        {
            case Kind.Discs or Kind.Lights:
                canvas.DrawOval(at.X, at.Y, radius, radius * (kind is Kind.Lights ? 1 : random.Between(0.5f, 1)), paint);
                break;
            case Kind.Boxes:
                canvas.DrawRect(at.X, at.Y, radius * random.Between(0.5f, 2), radius * random.Between(0.5f, 2), paint);
                break;
            default:
                using (SKPath leaf = new())
                {
                    Vector2 along = SeededRandom.Angle(angle) * radius, across = new Vector2(-along.Y, along.X) * thin;
                    Vector2 tip = at + 2 * along, middle = at + along + across * 0.5f * random.Normal();
                    leaf.MoveTo(at.X, at.Y);
                    leaf.QuadTo(middle.X + across.X, middle.Y + across.Y, tip.X, tip.Y);
                    leaf.QuadTo(middle.X - across.X, middle.Y - across.Y, at.X, at.Y);
                    canvas.DrawPath(leaf, paint);
                }
                break;
        }
    }

    private static SKColor Colour(Vector3 colour, float alpha)
    {
        Vector3 bytes = Vector3.Clamp(colour, default, Vector3.One) * 255;
        return new((byte)bytes.X, (byte)bytes.Y, (byte)bytes.Z, (byte)(255 * alpha));
    }

    private static void Copy(SKBitmap bitmap, Picture target, SKRectI region)
    {
        ReadOnlySpan<byte> pixels = bitmap.GetPixelSpan();
        for (int y = 0; y < region.Height; y++)
        {
            ReadOnlySpan<byte> from = pixels.Slice(y * bitmap.RowBytes, 4 * region.Width);
            int to = (y + region.Top) * target.Width + region.Left;
            Span<float> red = target.Red.Values[to..], green = target.Green.Values[to..], blue = target.Blue.Values[to..];
            for (int x = 0; x < region.Width; x++)
                (red[x], green[x], blue[x]) = (from[4 * x] * (1 / 255f), from[4 * x + 1] * (1 / 255f), from[4 * x + 2] * (1 / 255f));
        }
    }
}
