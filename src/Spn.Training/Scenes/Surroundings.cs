using System.Numerics;
using SkiaSharp;

namespace Spn.Training.Scenes;

/// <summary>Surroundings that make the border of an object hard to find: its shadow, and clutter directly behind it.</summary>
internal static class Surroundings
{
    /// <summary>Darkens the area under the object's shadow: a wall behind it, or the ground at its feet.</summary>
    public static void CastShadow(SeededRandom random, Shape shape, Setting setting, Picture scene)
    {
        float bottom = shape.Parts.Max(part => part.Contours.Max(contour => contour.Max(point => point.Y)));
        float reach = setting.Unit * random.LogBetween(3, 40);
        Matrix3x2 fall = random.Chance(0.5f)
            ? Matrix3x2.CreateTranslation(-reach * setting.Sun)
            // Onto the ground: flattened about the feet and sheared away from the sun.
            : new(1, 0, random.Between(-1.5f, 1.5f), random.Between(-0.5f, 0.5f), 0, 0);
        Matrix3x2 move = Matrix3x2.CreateTranslation(0, -bottom) * fall * Matrix3x2.CreateTranslation(0, bottom);
        using Channel shadow = new(scene.Width, scene.Height), piece = new(scene.Width, scene.Height);
        foreach (Part part in shape.Parts.Where(part => !part.OnTop))
        {
            SKRectI region = Coverage.Draw(piece, part.Transformed(move).Contours, part.EvenOdd);
            for (int y = region.Top; y < region.Bottom; y++)
            {
                Span<float> to = shadow.Row(y), from = piece.Row(y);
                for (int x = region.Left; x < region.Right; x++)
                    to[x] = Math.Max(to[x], from[x]);
            }
        }
        Blur.Gaussian(shadow, setting.Unit * random.LogBetween(0.4f, 8));
        float strength = random.Between(0.25f, 0.8f);
        Vector3 tint = new(strength, strength * 0.97f, strength * 0.9f);
        for (int c = 0; c < 3; c++)
        {
            Span<float> values = scene.Channels[c].Values, dark = shadow.Values;
            for (int i = 0; i < values.Length; i++)
                values[i] *= 1 - tint[c] * dark[i];
        }
    }

    /// <summary>High-contrast spikes, blades and patches that start under the object and extend behind it.</summary>
    public static void AddClutter(SeededRandom random, Channel alpha, Setting setting, Picture scene)
    {
        List<Vector2> border = Border.Points(alpha, out List<Vector2> normals);
        if (border.Count == 0)
            return;
        int kind = random.Below(3), colours = random.Count(1, 3);
        for (int i = 0; i < colours; i++)
        {
            List<Vector2[]> pieces = [];
            int count = random.Count(3, 30);
            for (int k = 0; k < count; k++)
            {
                int at = random.Below(border.Count);
                Vector2 root = border[at] - 3 * setting.Unit * normals[at],
                    along = Vector2.Normalize(normals[at] + 0.6f * random.Direction()) * setting.Unit * random.LogBetween(8, 70);
                pieces.Add(kind switch
                {
                    0 => Outlines.Hair(root, along, setting.Unit * random.Between(1, 7), 0.2f * random.Normal()),
                    1 => Outlines.Limb([root - along, root + along],
                        [setting.Unit * random.Between(0.7f, 4), setting.Unit * random.Between(0.7f, 4)]),
                    _ => Outlines.Blob(
                        random, root + 0.3f * along, new(0.4f * along.Length(), 0.25f * along.Length()), random.Between(0, 3), 0.15f),
                });
            }
            Paint(random, pieces, setting, scene);
        }
    }

    private static void Paint(SeededRandom random, List<Vector2[]> pieces, Setting setting, Picture scene)
    {
        using Channel coverage = new(scene.Width, scene.Height), unused = new(scene.Width, scene.Height);
        SKRectI region = Coverage.Draw(coverage, pieces);
        if (region.IsEmpty)
            return;
        using Picture texture = new(scene.Width, scene.Height);
        Material.Paint(random, setting.Palette.Material(random), setting, texture, region);
        using Layer layer = new(scene.Width, scene.Height);
        layer.Add(coverage, region, texture, new(random.Between(0.6f, 1.5f), default, default));
        layer.Over(scene, unused, 0);
    }
}
