using System.Drawing;

namespace Spn.Imaging.Shapes;

/// <summary>Fills polygons by the even-odd rule.</summary>
internal static class PolygonFill
{
    /// <summary>Sets the pixels whose centres lie inside to 1.</summary>
    /// <param name="polygon">The polygon.</param>
    /// <param name="width">Pixels per row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="pixels"><c>[height, width]</c>.</param>
    public static void Fill(MaskPolygon polygon, int width, int height, Span<float> pixels)
    {
        IReadOnlyList<PointF>[] rings = [polygon.Outline, .. polygon.Holes];
        double minY = rings.Min(ring => ring.Min(point => (double)point.Y)), maxY = rings.Max(ring => ring.Max(point => (double)point.Y));
        List<double> crossings = [];
        for (int y = (int)Math.Clamp(minY, 0, height); y < height && y < maxY; y++)
        {
            crossings.Clear();
            foreach (IReadOnlyList<PointF> ring in rings)
                AddCrossings(ring, y + 0.5, crossings);
            crossings.Sort();
            for (int i = 0; i + 1 < crossings.Count; i += 2)
            {
                // Pixels whose centre x + 0.5 lies in [left, right).
                int left = (int)Math.Clamp(Math.Ceiling(crossings[i] - 0.5), 0, width);
                int right = (int)Math.Clamp(Math.Ceiling(crossings[i + 1] - 0.5), left, width);
                pixels.Slice(y * width + left, right - left).Fill(1);
            }
        }
    }

    private static void AddCrossings(IReadOnlyList<PointF> ring, double y, List<double> crossings)
    {
        PointF from = ring[^1];
        foreach (PointF to in ring)
        {
            if (from.Y <= y != to.Y <= y)
                crossings.Add(from.X + (y - from.Y) / ((double)to.Y - from.Y) * ((double)to.X - from.X));
            from = to;
        }
    }
}
