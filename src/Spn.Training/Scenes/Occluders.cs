using System.Numerics;
using SkiaSharp;

namespace Spn.Training.Scenes;

/// <summary>Objects in front of the object, which cut the mask.</summary>
internal static class Occluders
{
    /// <summary>Adds one occluder: ground or water in which the object stands, grass, a pole, a stone, or another shape.</summary>
    /// <param name="random">Determines the occluder.</param>
    /// <param name="region">The region of the object.</param>
    /// <param name="setting">The scene.</param>
    /// <param name="behind">The scene before the object was painted.</param>
    /// <param name="scene">The scene, to which the occluder is added.</param>
    /// <param name="mask">The coverage of the object, from which the hidden part is removed.</param>
    public static void Add(SeededRandom random, SKRectI region, Setting setting, Picture behind, Picture scene, Channel mask)
    {
        int kind = random.Weighted([2, 2, 1.5f, 1, 1.5f]);
        using Channel coverage = new(scene.Width, scene.Height);
        SKRectI covered = Coverage.Draw(coverage, kind switch
        {
            0 => [Ground(random, region, setting)],
            1 => Grass(random, region, setting),
            2 => [Pole(random, region, setting)],
            3 => [Stone(random, region)],
            _ => Other(random, region),
        });
        if (covered.IsEmpty)
            return;
        using Picture texture = new(scene.Width, scene.Height);
        using Layer layer = new(scene.Width, scene.Height);
        Light light = new(1, default, default);
        if (kind == 0)
        {
            layer.Add(coverage, covered, behind, light); // the background continues in front: feet in grass, a boat in water
        }
        else
        {
            if (random.Chance(kind == 1 ? 0.6 : 0.3))
                Material.PaintLike(random, behind, texture, covered);
            else
                Material.Paint(random, setting.Palette.Material(random), setting, texture, covered);
            layer.Add(coverage, covered, texture, light with { Level = random.Between(0.6f, 1.5f) });
            float blur = random.Chance(0.2f) ? setting.Unit * random.Between(1, 3) : 0; // closer than the focal plane
            if (blur > 0)
                layer.Change(channel => Blur.Gaussian(channel, blur), 3 * blur);
        }
        layer.Over(scene, mask, 0);
    }

    private static Vector2[] Ground(SeededRandom random, SKRectI region, Setting setting)
    {
        const int Steps = 40;
        float row = region.Bottom - region.Height * random.Between(0.03f, 0.4f);
        float ragged = setting.Unit * random.Of(0, 0.5f, 1.5f, 4);
        float height = 0;
        var edge = new Vector2[Steps + 2];
        for (int i = 0; i < Steps; i++)
        {
            height = 0.7f * height + ragged * random.Normal();
            edge[i] = new(region.Left - 2 + (region.Width + 4f) * i / (Steps - 1), row + height);
        }
        (edge[Steps], edge[Steps + 1]) = (new(region.Right + 2, region.Bottom + 2), new(region.Left - 2, region.Bottom + 2));
        return edge;
    }

    private static List<Vector2[]> Grass(SeededRandom random, SKRectI region, Setting setting)
    {
        List<Vector2[]> blades = [];
        int count = random.Count(10, 120);
        float width = random.Between(1, 4), length = random.Between(0.1f, 0.5f);
        for (int i = 0; i < count; i++)
        {
            Vector2 root = new(
                region.Left + region.Width * random.Between(-0.1f, 1.1f), region.Top + region.Height * random.Between(0.95f, 1.15f));
            Vector2 along = (region.Height * length * random.Between(0.5f, 1) + 2)
                * SeededRandom.Angle(-MathF.PI / 2 + 0.3f * random.Normal());
            blades.Add(Outlines.Hair(root, along, setting.Unit * width * random.Between(0.6f, 1.3f), 0.25f * random.Normal()));
        }
        return blades;
    }

    private static Vector2[] Pole(SeededRandom random, SKRectI region, Setting setting)
    {
        Vector2 at = Inside(random, region);
        Vector2 along = 400 * setting.Unit * (random.Chance(0.5f) ? new(0.1f * random.Normal(), 1) : random.Direction());
        float width = setting.Unit * random.LogBetween(1, 20);
        return Outlines.Limb(
            [at - along, at + setting.Unit * random.Between(0, 8) * random.Direction(), at + along], [width, width, width]);
    }

    private static Vector2[] Stone(SeededRandom random, SKRectI region)
    {
        float extent = Extent(region);
        return Outlines.Blob(random, Inside(random, region) + 0.4f * extent * random.Direction(),
            extent * new Vector2(random.Between(0.15f, 0.5f), random.Between(0.15f, 0.5f)), 0, 0.15f);
    }

    private static List<Vector2[]> Other(SeededRandom random, SKRectI region)
    {
        float extent = Extent(region);
        Matrix3x2 move = Matrix3x2.CreateScale(extent * random.Between(0.3f, 1)) * Matrix3x2.CreateRotation(0.4f * random.Normal())
            * Matrix3x2.CreateTranslation(Inside(random, region) + 0.7f * extent * random.Direction());
        Shape shape = ShapeKinds.Of(random, random.Chance(0.6f)).Transformed(move);
        return [.. shape.Parts.Where(part => !part.EvenOdd).SelectMany(part => part.Contours)];
    }

    private static float Extent(SKRectI region)
        => 0.5f * MathF.Sqrt((float)region.Width * region.Width + (float)region.Height * region.Height);

    private static Vector2 Inside(SeededRandom random, SKRectI region)
        => new(region.Left + region.Width * random.Between(0.1f, 0.9f), region.Top + region.Height * random.Between(0.1f, 0.9f));
}
