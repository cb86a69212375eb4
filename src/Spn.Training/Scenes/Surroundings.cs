using System.Numerics;
using SkiaSharp;

namespace Spn.Training.Scenes;

/// <summary>What makes an object's border hard to find: its shadow, clutter right behind it, things in front of it.</summary>
internal static class Surroundings
{
    /// <summary>Darkens what the object's shadow falls on: a wall behind it, or the ground at its feet.</summary>
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

    /// <summary>Spikes, blades and patches behind the object that start under it, in strong contrast.</summary>
    public static void AddClutter(SeededRandom random, Channel alpha, Setting setting, Picture scene)
    {
        List<Vector2> border = Border.Points(alpha, out List<Vector2> normals);
        if (border.Count == 0)
            return;
        int kind = random.Below(3), colours = random.Count(1, 3);
        using Channel coverage = new(scene.Width, scene.Height), unused = new(scene.Width, scene.Height);
        for (int i = 0; i < colours; i++)
        {
            List<Vector2[]> pieces = [];
            int count = random.Count(3, 30);
            for (int k = 0; k < count; k++)
            {
                int at = random.Below(border.Count);
                Vector2 root = border[at] - 3 * setting.Unit * normals[at], along = Vector2.Normalize(normals[at] + 0.6f * random.Direction()) * setting.Unit * random.LogBetween(8, 70);
                pieces.Add(kind switch
                {
                    0 => Outlines.Hair(root, along, setting.Unit * random.Between(1, 7), 0.2f * random.Normal()),
                    1 => Outlines.Limb([root - along, root + along], [setting.Unit * random.Between(0.7f, 4), setting.Unit * random.Between(0.7f, 4)]),
                    _ => Outlines.Blob(random, root + 0.3f * along, new(0.4f * along.Length(), 0.25f * along.Length()), random.Between(0, 3), 0.15f),
                });
            }
            Spread(random, pieces, coverage, unused, setting, scene, 0);
        }
    }

    /// <summary>Grass, a branch, a post, a blob or bars in front of the object; they cut the mask.</summary>
    public static void AddOccluder(SeededRandom random, SKRectI region, Setting setting, Picture scene, Channel mask)
    {
        Vector2 size = new(region.Width, region.Height), corner = new(region.Left, region.Top);
        Vector2 at = corner + size * new Vector2(random.Between(0.1f, 0.9f), random.Between(0.1f, 0.9f));
        float extent = 0.5f * size.Length();
        List<Vector2[]> pieces = [];
        switch (random.Below(5))
        {
            case 0: // grass at the bottom
                int blades = random.Count(10, 80);
                for (int i = 0; i < blades; i++)
                {
                    Vector2 root = new(corner.X + size.X * random.Between(-0.1f, 1.1f), corner.Y + size.Y * random.Between(0.95f, 1.15f));
                    pieces.Add(Outlines.Hair(root, size.Y * random.Between(0.1f, 0.5f) * SeededRandom.Angle(-MathF.PI / 2 + 0.3f * random.Normal()), setting.Unit * random.Between(1, 4.5f), 0.25f * random.Normal()));
                }
                break;
            case 1: // a pole or a cable
                Vector2 along = random.Chance(0.5f) ? new(0.1f * random.Normal(), 1) : random.Direction();
                float width = setting.Unit * random.LogBetween(1, 20);
                pieces.Add(Outlines.Limb([at - 400 * setting.Unit * along, at + 0.02f * extent * random.Direction(), at + 400 * setting.Unit * along], [width, width, width]));
                break;
            case 2:
                pieces.Add(Outlines.Blob(random, at + 0.4f * extent * random.Direction(), extent * new Vector2(random.Between(0.15f, 0.5f), random.Between(0.15f, 0.5f)), 0, 0.15f));
                break;
            default:
                Matrix3x2 move = Matrix3x2.CreateScale(extent * random.Between(0.3f, 1)) * Matrix3x2.CreateRotation(random.Between(0, MathF.Tau)) * Matrix3x2.CreateTranslation(at + 0.7f * extent * random.Direction());
                pieces.AddRange(ShapeKinds.Of(random, random.Chance(0.6f)).Transformed(move).Parts.SelectMany(part => part.Contours));
                break;
        }
        using Channel coverage = new(scene.Width, scene.Height);
        Spread(random, pieces, coverage, mask, setting, scene, random.Chance(0.2f) ? setting.Unit * random.Between(1, 3) : 0);
    }

    private static void Spread(SeededRandom random, List<Vector2[]> pieces, Channel coverage, Channel mask, Setting setting, Picture scene, float blur)
    {
        SKRectI region = Coverage.Draw(coverage, pieces);
        if (region.IsEmpty)
            return;
        using Picture texture = new(scene.Width, scene.Height);
        Material.Paint(random, setting.Palette.Material(random), setting, texture, region);
        using Layer layer = new(scene.Width, scene.Height);
        layer.Add(coverage, region, texture, new(random.Between(0.6f, 1.5f), default, default));
        if (blur > 0)
            layer.Change(channel => Blur.Gaussian(channel, blur), 3 * blur);
        layer.Over(scene, mask, 0);
    }
}
