using System.Numerics;
using SkiaSharp;

namespace Spn.Training.Scenes;

/// <summary>Paints the background: landscapes, water, rooms, walls, and the structures in them.</summary>
internal static class Background
{
    public static void Paint(SeededRandom random, Setting setting, Picture scene)
    {
        float horizon = scene.Height * random.Between(-0.3f, 0.8f);
        Palette far = setting.Palette.Material(random), near = setting.Palette.Material(random);
        switch (random.Weighted([2, 4, 1.2f, 2.5f, 2.5f]))
        {
            case 0:
                Material.Paint(random, far, setting, scene, scene.Bounds);
                break;
            case 1:
                PatternTexture.PaintSky(random, far, scene, scene.Bounds, setting.Unit);
                if (random.Chance(0.7f))
                    PaintBelow(random, setting, scene, horizon - setting.Unit * random.Between(5, 90), random.Between(0.5f, 12),
                        (texture, region) => StrokeTexture.Paint(random, setting.Palette.Material(random), texture, region, setting.Unit));
                PaintBelow(random, setting, scene, horizon, random.Between(0, 3), (texture, region) =>
                    Material.Paint(random, near, setting, texture, region, horizon));
                break;
            case 2:
                Material.Paint(random, far, setting, scene, scene.Bounds);
                horizon = Math.Min(horizon, 0.4f * scene.Height);
                PaintBelow(random, setting, scene, horizon, random.Between(0, 2), (texture, region) =>
                    PatternTexture.PaintWater(random, near, texture, region, setting.Unit, horizon));
                break;
            case 3:
                PaintPatches(random, setting, scene);
                break;
            default:
                PatternTexture.Paint(random, far, scene, scene.Bounds, setting.Unit, random.Chance(setting.Options.RepeatedTexture));
                PaintBelow(
                    random, setting, scene, horizon, 0,
                    (texture, region) => Material.Paint(random, near, setting, texture, region, horizon));
                break;
        }
        PaintThings(random.Fork("things"), setting, scene, horizon);
    }

    /// <summary>Rocks, bushes, furniture, a crowd: overlapping pieces of a few materials, larger than those of a texture.</summary>
    private static void PaintPatches(SeededRandom random, Setting setting, Picture scene)
    {
        Material.Paint(random, setting.Palette.Material(random), setting, scene, scene.Bounds);
        using Channel coverage = new(scene.Width, scene.Height), unused = new(scene.Width, scene.Height);
        int materials = random.Count(1, 3), kind = random.Below(3);
        float largest = random.Between(30, 90), rough = random.Between(0.05f, 0.3f);
        for (int i = 0; i < materials; i++)
        {
            using Picture texture = new(scene.Width, scene.Height);
            Material.Paint(random, setting.Palette.Material(random), setting, texture, scene.Bounds);
            using Layer layer = new(scene.Width, scene.Height);
            int pieces = random.Count(3, 14);
            for (int k = 0; k < pieces; k++)
            {
                Vector2 at = new(random.Next() * scene.Width, random.Next() * scene.Height),
                    size = setting.Unit * new Vector2(random.LogBetween(6, largest), random.LogBetween(6, largest));
                float turn = kind == 1 ? 0 : random.Between(0, MathF.PI);
                Vector2[] outline = kind switch
                {
                    0 => Outlines.Blob(random, at, size, turn, rough),
                    1 => Outlines.Rectangle(at.X - size.X, at.Y - size.Y, at.X + size.X, at.Y + size.Y),
                    _ => Array.ConvertAll(Outlines.Polygon(random), point => at + size * point),
                };
                SKRectI region = Coverage.Draw(coverage, [outline]);
                layer.Add(coverage, region, texture,
                    new(random.Between(0.5f, 1.4f), random.Next() * setting.Sun / (region.Width + region.Height + 1),
                    new(region.MidX, region.MidY)));
            }
            layer.Over(scene, unused, 0);
        }
    }

    /// <summary>Covers the area below a row, with a ragged edge.</summary>
    private static void PaintBelow(
        SeededRandom random, Setting setting, Picture scene, float row, float ragged, Action<Picture, SKRectI> paint)
    {
        const int Steps = 48;
        List<Vector2> edge = [];
        float height = 0;
        for (int i = 0; i <= Steps; i++)
        {
            height = 0.8f * height + ragged * random.Normal();
            edge.Add(new((i * 1.04f / Steps - 0.02f) * scene.Width, row + setting.Unit * height));
        }
        edge.Add(new(1.1f * scene.Width, 1.1f * scene.Height + row));
        edge.Add(new(-0.1f * scene.Width, 1.1f * scene.Height + row));
        using Channel coverage = new(scene.Width, scene.Height), unused = new(scene.Width, scene.Height);
        SKRectI region = Coverage.Draw(coverage, [[.. edge]]);
        if (region.IsEmpty)
            return;
        using Picture texture = new(scene.Width, scene.Height);
        paint(texture, region);
        using Layer layer = new(scene.Width, scene.Height);
        layer.Add(coverage, region, texture, new(1, default, default));
        layer.Over(scene, unused, 0);
    }

    /// <summary>Poles, boxes, trees, distant people: structures that the object will partly hide.</summary>
    private static void PaintThings(SeededRandom random, Setting setting, Picture scene, float horizon)
    {
        using Channel unused = new(scene.Width, scene.Height);
        int count = random.Weighted([2, 2, 2, 1, 1]);
        for (int i = 0; i < count; i++)
        {
            SeededRandom thing = random.Fork($"thing {i}");
            Shape shape = ShapeKinds.Of(thing, thing.Chance(0.4f));
            float size = setting.Unit * thing.LogBetween(12, 110), x = thing.Next() * scene.Width,
                y = thing.Chance(0.5f) ? Math.Max(0, horizon) : thing.Next() * scene.Height;
            Shape placed = shape.Transformed(
                Matrix3x2.CreateScale(size * thing.Sign(), size) * Matrix3x2.CreateRotation(0.15f * thing.Normal())
                * Matrix3x2.CreateTranslation(x, y));
            using Layer layer = Body.Paint(thing, placed, setting.Palette, setting, plain: true);
            layer.Over(scene, unused, 0);
        }
    }
}
