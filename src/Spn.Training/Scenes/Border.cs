using System.Numerics;

namespace Spn.Training.Scenes;

/// <summary>Finds the border of an object.</summary>
internal static class Border
{
    /// <summary>Points on the border, about one per pixel of its length, with the outward unit normals.</summary>
    public static List<Vector2> Points(Channel alpha, out List<Vector2> normals)
    {
        List<Vector2> points = [];
        normals = [];
        using Channel smooth = new(alpha.Width, alpha.Height);
        alpha.CopyTo(smooth);
        Blur.Gaussian(smooth, 1.5f);
        for (int y = 1; y < alpha.Height - 1; y++)
        {
            ReadOnlySpan<float> above = smooth.Row(y - 1), here = smooth.Row(y), below = smooth.Row(y + 1), cover = alpha.Row(y),
                next = alpha.Row(y + 1);
            for (int x = 1; x < alpha.Width - 1; x++)
            {
                bool inside = cover[x] >= 0.5f;
                if (inside == cover[x + 1] >= 0.5f && inside == next[x] >= 0.5f)
                    continue;
                Vector2 gradient = new(here[x + 1] - here[x - 1], below[x] - above[x]);
                if (gradient.LengthSquared() < 1e-6f)
                    continue;
                points.Add(new(x + 0.5f, y + 0.5f));
                normals.Add(-Vector2.Normalize(gradient));
            }
        }
        return points;
    }
}
