using System.Numerics;

namespace Spn.Training.Scenes;

/// <summary>The closed polygons of which shapes consist.</summary>
internal static class Outlines
{
    /// <summary>An ellipse whose radius is modulated by a random Fourier series.</summary>
    /// <param name="random">Determines the series.</param>
    /// <param name="centre">The centre.</param>
    /// <param name="radii">Half the width and half the height, before rotation.</param>
    /// <param name="angle">The rotation in radians.</param>
    /// <param name="roughness">The standard deviation of the series: 0 for an ellipse, 0.1 for a stone, 0.3 for a splash.</param>
    /// <param name="waves">The number of terms in the series.</param>
    public static Vector2[] Blob(SeededRandom random, Vector2 centre, Vector2 radii, float angle = 0, float roughness = 0, int waves = 8)
    {
        Span<float> size = stackalloc float[waves], phase = stackalloc float[waves];
        float falling = random.Between(0.7f, 1.6f);
        for (int k = 0; k < waves; k++)
            (size[k], phase[k]) = (roughness * random.Normal() * MathF.Pow(k + 1, -falling), random.Between(0, MathF.Tau));
        var turn = Matrix3x2.CreateScale(radii) * Matrix3x2.CreateRotation(angle) * Matrix3x2.CreateTranslation(centre);
        var points = new Vector2[roughness > 0 ? 96 : 40];
        for (int i = 0; i < points.Length; i++)
        {
            float at = MathF.Tau * i / points.Length, radius = 1;
            for (int k = 0; k < waves; k++)
                radius += size[k] * MathF.Cos((k + 1) * at + phase[k]);
            points[i] = Vector2.Transform(SeededRandom.Angle(at) * Math.Max(0.08f, radius), turn);
        }
        return points;
    }

    public static Vector2[] Ellipse(SeededRandom random, Vector2 centre, float width, float height, float angle = 0)
        => Blob(random, centre, new(width, height), angle);

    /// <summary>A polygon with 3 to 9 corners around the origin, from regular to irregular, with sharp or rounded corners.</summary>
    public static Vector2[] Polygon(SeededRandom random)
    {
        int corners = random.Count(3, 9);
        float wild = random.Next(), first = random.Between(0, MathF.Tau);
        var points = new Vector2[corners];
        for (int i = 0; i < corners; i++)
            points[i] = SeededRandom.Angle(first + (i + 0.7f * wild * (random.Next() - 0.5f)) * MathF.Tau / corners)
                * (1 - 0.7f * wild * random.Next());
        return Rounded(points, random.Weighted([3, 1, 2]));
    }

    public static Vector2[] Rectangle(float left, float top, float right, float bottom)
        => [new(left, top), new(right, top), new(right, bottom), new(left, bottom)];

    /// <summary>Rounds corners by cutting them off repeatedly (Chaikin).</summary>
    public static Vector2[] Rounded(Vector2[] points, int times)
    {
        for (; times > 0; times--)
        {
            var cut = new Vector2[2 * points.Length];
            for (int i = 0; i < points.Length; i++)
            {
                Vector2 next = points[(i + 1) % points.Length];
                (cut[2 * i], cut[2 * i + 1]) = (Vector2.Lerp(points[i], next, 0.22f), Vector2.Lerp(points[i], next, 0.78f));
            }
            points = cut;
        }
        return points;
    }

    /// <summary>An arm, a leg, a rope: a smooth curve through joints, with a width at each joint and with round ends.</summary>
    public static Vector2[] Limb(ReadOnlySpan<Vector2> joints, ReadOnlySpan<float> widths)
    {
        const int Steps = 6, Cap = 5;
        int count = (joints.Length - 1) * Steps + 1;
        List<Vector2> left = [], right = [];
        Vector2 along = Vector2.UnitX;
        for (int i = 0; i < count; i++)
        {
            int joint = Math.Min(i / Steps, joints.Length - 2);
            float part = (float)i / Steps - joint;
            Vector2 before = joints[Math.Max(0, joint - 1)], start = joints[joint], end = joints[joint + 1],
                after = joints[Math.Min(joints.Length - 1, joint + 2)];
            Vector2 at = CatmullRom(before, start, end, after, part), ahead = CatmullRom(before, start, end, after, part + 0.05f) - at;
            if (ahead.LengthSquared() > 1e-12f)
                along = Vector2.Normalize(ahead);
            Vector2 across = new Vector2(-along.Y, along.X) * (widths[joint] + part * (widths[joint + 1] - widths[joint])) / 2;
            if (i == 0)
                AddCap(left, at, -across);
            left.Add(at + across);
            right.Add(at - across);
            if (i == count - 1)
                AddCap(left, at, across);
        }
        right.Reverse();
        return [.. left, .. right];

        static void AddCap(List<Vector2> points, Vector2 at, Vector2 from)
        {
            for (int k = 1; k < Cap; k++)
                points.Add(at + Vector2.Transform(from, Matrix3x2.CreateRotation(-MathF.PI * k / Cap)));
        }
    }

    /// <summary>A pointed oval that starts at the end of a stalk and follows a vector.</summary>
    public static Vector2[] Leaf(Vector2 from, Vector2 along, float width)
    {
        const int Steps = 8;
        var points = new Vector2[2 * Steps];
        Vector2 across = new Vector2(-along.Y, along.X) * width / 2;
        for (int i = 0; i < Steps; i++)
        {
            float at = (float)i / Steps, side = MathF.Sin(MathF.PI * MathF.Pow(at, 0.8f));
            points[i] = from + along * at + across * side;
            points[Steps + i] = from + along * (1 - at) - across * MathF.Sin(MathF.PI * MathF.Pow(1 - at, 0.8f));
        }
        return points;
    }

    /// <summary>A hair or a blade of grass: wide at the root, bent, and pointed.</summary>
    public static Vector2[] Hair(Vector2 root, Vector2 along, float width, float bend)
    {
        Vector2 across = Vector2.Normalize(new(-along.Y, along.X)) * width / 2, side = new Vector2(-along.Y, along.X) * bend;
        Vector2 low = root + along * 0.4f + side * 0.25f, high = root + along * 0.75f + side * 0.65f;
        return [root + across, low + 0.8f * across, high + 0.5f * across, root + along + side, high - 0.5f * across, low - 0.8f * across,
            root - across];
    }

    private static Vector2 CatmullRom(Vector2 before, Vector2 start, Vector2 end, Vector2 after, float at)
        => 0.5f * (2 * start + (end - before) * at + (2 * before - 5 * start + 4 * end - after) * (at * at)
            + (3 * start - before - 3 * end + after) * (at * at * at));
}
