using System.Numerics;
using SkiaSharp;

namespace Spn.Training.Scenes;

/// <summary>Paints a shape with materials, light and markings.</summary>
internal static class Body
{
    /// <summary>Paints a shape as a layer, which the caller disposes.</summary>
    /// <param name="random">Determines the materials, the light and the markings.</param>
    /// <param name="shape">The shape, in pixels.</param>
    /// <param name="palette">The colours of its materials.</param>
    /// <param name="setting">The scene.</param>
    /// <param name="like">A picture from which the materials are taken; null for random materials.</param>
    /// <param name="plain">Whether to use one material without markings and fur, as for a distant object.</param>
    public static Layer Paint(SeededRandom random, Shape shape, Palette palette, Setting setting, Picture? like = null, bool plain = false)
    {
        Layer layer = new(setting.Width, setting.Height);
        SKRectI region = Region(shape, setting);
        if (region.IsEmpty)
            return layer;

        int margin = (int)(20 * setting.Unit);
        SKRectI painted = SKRectI.Intersect(SKRectI.Inflate(region, margin, margin), new(0, 0, setting.Width, setting.Height));
        Picture[] materials = Materials(
            random.Fork("materials"), plain ? 1 : Math.Min(3, shape.Materials), palette, setting, painted, like);
        SeededRandom light = random.Fork("light");
        float roundness = light.Between(0, 0.5f), variety = light.Between(0, 0.12f);
        using Channel coverage = new(setting.Width, setting.Height);
        foreach (Part part in shape.Parts)
        {
            SKRectI at = Coverage.Draw(coverage, part.Contours, part.EvenOdd);
            float level = 1 + variety * light.Normal();
            if (at.IsEmpty)
                continue;
            Light fall = new(level, roundness * setting.Sun / (0.5f * (at.Width + at.Height)), new(at.MidX, at.MidY));
            if (part.OnTop)
                layer.Mark(
                    coverage, at, materials[part.Material % materials.Length], fall with { Level = level * light.Of(0.3f, 0.5f, 1.6f) });
            else
                layer.Add(coverage, at, materials[part.Material % materials.Length], fall);
        }
        if (!plain)
        {
            if (random.Fork("inner edges").Chance(setting.Options.InnerEdges))
                Mark(random.Fork("marks"), layer, coverage, region, materials, setting);
            Shade(light, layer, region, setting);
            SeededRandom fur = random.Fork("fur");
            if (fur.Chance(setting.Options.Fur))
                Fur.Add(fur, layer, materials[0], setting);
        }
        foreach (Picture material in materials)
            material.Dispose();
        return layer;
    }

    private static SKRectI Region(Shape shape, Setting setting)
    {
        Vector2 low = new(float.MaxValue), high = new(float.MinValue);
        foreach (Vector2 point in shape.Parts.SelectMany(part => part.Contours).SelectMany(contour => contour))
            (low, high) = (Vector2.Min(low, point), Vector2.Max(high, point));
        SKRectI region = SKRectI.Intersect(SKRectI.Ceiling(new(low.X, low.Y, high.X, high.Y), outwards: true),
            new(0, 0, setting.Width, setting.Height));
        return region.Width <= 0 || region.Height <= 0 ? SKRectI.Empty : region;
    }

    private static Picture[] Materials(SeededRandom random, int count, Palette palette, Setting setting, SKRectI region, Picture? like)
    {
        var materials = new Picture[count];
        for (int i = 0; i < count; i++)
        {
            materials[i] = new(setting.Width, setting.Height);
            SeededRandom own = random.Fork($"{i}");
            if (like is not null)
                Material.PaintLike(own, like, materials[i], region);
            else
                Material.Paint(own, palette.Material(own), setting, materials[i], region);
        }
        return materials;
    }

    /// <summary>Clothing, patches, lines and letters: edges that are not the border of the object.</summary>
    private static void Mark(SeededRandom random, Layer layer, Channel coverage, SKRectI region, Picture[] materials, Setting setting)
    {
        int marks = random.Count(1, 6);
        Vector2 size = new(region.Width, region.Height), corner = new(region.Left, region.Top);
        for (int i = 0; i < marks; i++)
        {
            Vector2 at = corner + size * new Vector2(random.Next(), random.Next());
            float extent = 0.5f * size.Length() * random.LogBetween(0.06f, 0.6f);
            Vector2 along = extent * random.Direction();
            Vector2[][] contours = random.Weighted([2, 2, 1, 1.5f]) switch
            {
                0 => [Outlines.Blob(random, at, new(extent, extent * random.Between(0.3f, 1)), 0, 0.2f)],
                1 => [Outlines.Limb([at - 3 * along, at, at + 3 * along], [0.4f * extent, 0.5f * extent, 0.4f * extent])],
                2 => [.. Enumerable.Range(0, 4).Select(k =>
                    Outlines.Limb([at + 0.5f * k * along, at + 0.5f * k * along + new Vector2(-along.Y, along.X)],
                    [0.2f * extent, 0.2f * extent]))],
                _ => [Outlines.Limb([at - 2 * along, at + 0.4f * extent * random.Direction(), at + 2 * along],
                    [setting.Unit, setting.Unit * random.Between(0.7f, 3), setting.Unit])],
            };
            SKRectI touched = Coverage.Draw(coverage, contours);
            if (!touched.IsEmpty)
                layer.Mark(coverage, touched, materials[random.Below(materials.Length)],
                    new(random.Chance(0.5f) ? random.Between(0.2f, 0.7f) : random.Between(1.2f, 1.9f), default, default));
        }
    }

    /// <summary>Shades the object as a round body: brighter where its surface faces the sun.</summary>
    private static void Shade(SeededRandom random, Layer layer, SKRectI region, Setting setting)
    {
        float strength = random.Between(0, 1.2f),
            width = Math.Max(
                1, Math.Min(24 * setting.Unit, 0.1f * MathF.Sqrt((float)region.Width * region.Height) * random.Between(0.3f, 1)));
        using Channel height = new(layer.Alpha.Width, layer.Alpha.Height);
        layer.Alpha.CopyTo(height);
        Blur.Gaussian(height, width);
        Vector2 sun = setting.Sun * strength * width;
        for (int y = Math.Max(1, region.Top); y < Math.Min(layer.Alpha.Height - 1, region.Bottom); y++)
        {
            Span<float> above = height.Row(y - 1), here = height.Row(y), below = height.Row(y + 1), red = layer.Colour.Red.Row(y),
                green = layer.Colour.Green.Row(y), blue = layer.Colour.Blue.Row(y);
            for (int x = Math.Max(1, region.Left); x < Math.Min(layer.Alpha.Width - 1, region.Right); x++)
            {
                // The height falls towards the border, so its gradient points inwards and the surface normal outwards.
                float light = Math.Clamp(1 - sun.X * (here[x + 1] - here[x - 1]) - sun.Y * (below[x] - above[x]), 0.35f, 1.8f);
                red[x] *= light;
                green[x] *= light;
                blue[x] *= light;
            }
        }
    }
}
