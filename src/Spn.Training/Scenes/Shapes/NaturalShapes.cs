using System.Numerics;

namespace Spn.Training.Scenes;

/// <summary>Natural shapes: blobs, stones and plants, and also ropes.</summary>
internal static class NaturalShapes
{
    /// <summary>One blob (0), from round to ragged.</summary>
    public static Shape Blob(SeededRandom random)
        => Shape.Of(new Part([Outlines.Blob(random, default, new(1, random.Between(0.4f, 1)), 0, random.Between(0.02f, 0.3f),
            random.Of(4, 8, 16, 30))], 0));

    /// <summary>One polygon (0), with sharp or rounded corners.</summary>
    public static Shape Polygon(SeededRandom random) => Shape.Of(new Part([Outlines.Polygon(random)], 0));

    /// <summary>Several touching blobs, each with limbs of another material: a heap, a toy, a cactus.</summary>
    public static Shape Cluster(SeededRandom random)
    {
        List<Part> parts = [];
        int bodies = random.Count(2, 5);
        Vector2 middle = default;
        for (int i = 0; i < bodies; i++)
        {
            float size = random.Between(0.2f, 0.6f);
            Vector2 at = middle;
            int limbs = random.Count(0, 3);
            for (int k = 0; k < limbs; k++)
            {
                Vector2 along = random.Direction() * random.Between(0.5f, 1.1f);
                Vector2 bend = 0.25f * random.Normal() * new Vector2(-along.Y, along.X);
                parts.Add(new([Outlines.Limb([at, at + along / 2 + bend, at + along],
                    [random.Between(0.08f, 0.3f), random.Between(0.05f, 0.2f), random.Between(0.02f, 0.2f)])], random.Below(3)));
            }
            Vector2[] body = random.Chance(0.7f)
                ? Outlines.Blob(random, at, new(size, size * random.Between(0.5f, 1)), random.Between(0, 3), 0.1f)
                : Array.ConvertAll(Outlines.Polygon(random), point => at + size * point);
            parts.Add(new([body], random.Below(3)));
            middle += random.Direction() * size;
        }
        return new(parts);
    }

    /// <summary>A branching tree or bush: wood (0), and leaves (1) or none.</summary>
    public static Shape Tree(SeededRandom random)
    {
        List<Vector2[]> wood = [], leaves = [];
        bool leafy = random.Chance(0.6f);
        float spread = random.Between(0.3f, 0.8f), leaf = random.Between(0.08f, 0.25f);
        Branch(
            new(0, 1), -MathF.PI / 2 + 0.1f * random.Normal(), random.Between(0.5f, 0.8f), random.Between(0.06f, 0.2f), random.Count(2, 4));
        List<Part> parts = [new([.. wood], 0)];
        if (leaves.Count > 0)
            parts.Add(new([.. leaves], 1));
        return new(parts);

        void Branch(Vector2 from, float angle, float length, float width, int generations)
        {
            Vector2 to = from + length * SeededRandom.Angle(angle), middle = Vector2.Lerp(from, to, 0.5f) + 0.06f * random.Direction();
            wood.Add(Outlines.Limb([from, middle, to], [width, 0.8f * width, 0.6f * width]));
            for (int i = 0; leafy && generations <= 2 && i < 4; i++)
                leaves.Add(Outlines.Leaf(Vector2.Lerp(from, to, random.Next()), leaf * random.Between(0.6f, 1.4f) * random.Direction(),
                    random.Between(0.4f, 0.8f)));
            int children = generations == 0 ? 0 : random.Count(2, 3);
            for (int i = 0; i < children; i++)
                Branch(
                    Vector2.Lerp(from, to, random.Between(0.6f, 1)), angle + spread * random.Normal(), length * random.Between(0.5f, 0.85f),
                    width * 0.55f, generations - 1);
        }
    }

    /// <summary>A plant: stalks (0) with long leaves (1), and possibly flowers (2).</summary>
    public static Shape Plant(SeededRandom random)
    {
        List<Part> parts = [];
        int stalks = random.Count(2, 9);
        for (int i = 0; i < stalks; i++)
        {
            Vector2 along = random.Between(0.8f, 1.9f) * SeededRandom.Angle(-MathF.PI / 2 + 0.35f * random.Normal()),
                root = new(0.15f * random.Normal(), 0.9f);
            Vector2 tip = root + along, middle = root + along / 2 + 0.15f * random.Normal() * new Vector2(-along.Y, along.X);
            parts.Add(random.Chance(0.5f)
                ? new([Outlines.Leaf(root, along, random.Between(0.08f, 0.25f))], 1)
                : new([Outlines.Limb([root, middle, tip], [0.06f, 0.04f, 0.02f])], 0));
            if (random.Chance(0.3f))
                parts.Add(new(
                    [.. Enumerable.Range(0, 6).Select(k => Outlines.Leaf(tip, 0.22f * SeededRandom.Angle(k * MathF.Tau / 6), 0.5f))], 2));
        }
        return new(parts);
    }

    /// <summary>A rope, pole, cable or snake (0): long and thin.</summary>
    public static Shape Rope(SeededRandom random)
    {
        int joints = random.Count(2, 7);
        var points = new Vector2[joints];
        float[] widths = new float[joints];
        float width = random.LogBetween(0.03f, 0.2f), sway = random.Between(0, 0.4f);
        for (int i = 0; i < joints; i++)
            (points[i], widths[i]) = (new(2f * i / (joints - 1) - 1, sway * random.Normal()), width * random.Between(0.6f, 1.2f));
        return Shape.Of(new Part([Outlines.Limb(points, widths)], 0));
    }
}
