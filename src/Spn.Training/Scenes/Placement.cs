using System.Numerics;
using SkiaSharp;

namespace Spn.Training.Scenes;

/// <summary>The position and the size of an object: 3 to 70 % of the picture, often cut by the picture's border.</summary>
internal static class Placement
{
    private const int Probe = 64, Tries = 4;
    private const float MinVisible = 0.015f;

    /// <summary>The transformation from the shape's coordinates to pixels.</summary>
    public static Matrix3x2 Of(SeededRandom random, Shape shape, Setting setting, bool everything)
    {
        // A part of the object will be beyond the border.
        float share = everything ? 40 : random.Chance(0.5) ? random.LogBetween(0.03f, 0.8f) : random.Between(0.15f, 0.9f);
        Vector2 size = new(setting.Width, setting.Height);
        Matrix3x2 around = Matrix3x2.CreateScale(Probe / 4f) * Matrix3x2.CreateTranslation(Probe / 2f, Probe / 2f);
        float area = Math.Max(0.003f, 16 * Covered(shape, around)); // of the 4 x 4 square around the shape
        // A thin shape would have to be huge to cover its share, so it is limited to the size of the picture.
        float scale = MathF.Sqrt(share * size.X * size.Y / area);
        if (!everything)
            scale = Math.Min(scale, random.Between(0.5f, 1.3f) * MathF.Sqrt(size.X * size.Y));
        Matrix3x2 place = default;
        for (int i = 0; i < Tries; i++)
        {
            float turn = random.Chance(0.12f) ? random.Between(0, MathF.Tau) : 0.15f * random.Normal();
            Vector2 centre =
                size * (everything ? new Vector2(0.5f) : new Vector2(0.5f + 0.2f * random.Normal(), 0.5f + 0.2f * random.Normal()));
            place = Matrix3x2.CreateScale(scale * random.Sign() * random.LogBetween(0.85f, 1.18f), scale) * Matrix3x2.CreateRotation(turn)
                * Matrix3x2.CreateTranslation(centre);
            if (Covered(shape, place * Matrix3x2.CreateScale(Probe / size.X, Probe / size.Y)) >= MinVisible)
                break;
        }
        return place;
    }

    /// <summary>The share of a small raster that a shape covers.</summary>
    private static float Covered(Shape shape, Matrix3x2 move)
    {
        using Channel channel = new(Probe, Probe), all = new(Probe, Probe);
        foreach (Part part in shape.Parts.Where(part => !part.OnTop))
        {
            SKRectI region = Coverage.Draw(channel, part.Transformed(move).Contours, part.EvenOdd);
            for (int y = region.Top; y < region.Bottom; y++)
            {
                for (int x = region.Left; x < region.Right; x++)
                    all.Row(y)[x] = Math.Max(all.Row(y)[x], channel.Row(y)[x]);
            }
        }
        float sum = 0;
        foreach (float value in all.Values)
            sum += value;
        return sum / (Probe * Probe);
    }
}
