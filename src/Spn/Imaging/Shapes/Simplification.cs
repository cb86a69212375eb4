using System.Drawing;

namespace Spn.Imaging.Shapes;

/// <summary>Fewer corners for a ring (Douglas and Peucker 1973).</summary>
internal static class Simplification
{
    /// <summary>Leaves out corners that are no farther than the tolerance from the line between those that stay.</summary>
    /// <param name="ring">The corners of a closed ring.</param>
    /// <param name="tolerance">In pixels; 0 returns the ring itself.</param>
    public static List<PointF> Simplify(List<PointF> ring, float tolerance)
    {
        if (tolerance == 0 || ring.Count <= 3)
            return ring;
        // A ring has no ends: it is cut at its first corner and at the one farthest from it.
        int far = Enumerable.Range(0, ring.Count).MaxBy(i => Distance(ring[i], ring[0], ring[0]));
        bool[] kept = new bool[ring.Count + 1];
        kept[0] = kept[far] = true;
        Stack<(int First, int Last)> open = new([(0, far), (far, ring.Count)]);
        while (open.TryPop(out (int First, int Last) run))
        {
            PointF from = ring[run.First], to = ring[run.Last % ring.Count];
            (int farthest, double distance) = (-1, tolerance);
            for (int i = run.First + 1; i < run.Last; i++)
            {
                double d = Distance(ring[i], from, to);
                if (d > distance)
                    (farthest, distance) = (i, d);
            }
            if (farthest < 0)
                continue;
            kept[farthest] = true;
            open.Push((run.First, farthest));
            open.Push((farthest, run.Last));
        }
        return [.. ring.Where((_, i) => kept[i])];
    }

    /// <summary>The distance of a point from a line segment.</summary>
    private static double Distance(PointF point, PointF from, PointF to)
    {
        double dx = (double)to.X - from.X, dy = (double)to.Y - from.Y, px = (double)point.X - from.X, py = (double)point.Y - from.Y;
        double length = dx * dx + dy * dy, along = length > 0 ? Math.Clamp((px * dx + py * dy) / length, 0, 1) : 0;
        return Math.Sqrt(Math.Pow(px - along * dx, 2) + Math.Pow(py - along * dy, 2));
    }
}
