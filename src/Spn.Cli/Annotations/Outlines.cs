using System.Drawing;

namespace Spn.Cli.Annotations;

/// <summary>The outlines of masks, without holes, which the files' polygons cannot have.</summary>
internal static class Outlines
{
    /// <summary>The distance by which outlines may differ from the mask's boundary, in pixels.</summary>
    private const float Tolerance = 0.5f;

    /// <summary>The outlines of a mask's parts, the largest part first. Parts that are too small for a polygon have none.</summary>
    public static IReadOnlyList<IReadOnlyList<PointF>> Of(Mask mask)
        => [.. mask.ToPolygons(tolerance: Tolerance).Select(polygon => polygon.Outline).Where(outline => outline.Count >= 3)
            .OrderByDescending(Area)];

    /// <summary>The mask within an outline.</summary>
    /// <exception cref="ArgumentException">It has fewer than three corners.</exception>
    public static Mask Fill(IEnumerable<PointF> outline, int width, int height)
        => Mask.FromPolygons([new MaskPolygon(outline)], width, height);

    private static float Area(IReadOnlyList<PointF> outline)
    {
        float doubled = 0;
        PointF last = outline[^1];
        foreach (PointF point in outline)
        {
            doubled += last.X * point.Y - point.X * last.Y;
            last = point;
        }
        return Math.Abs(doubled) / 2;
    }
}
