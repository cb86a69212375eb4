using System.Drawing;

namespace Spn;

/// <summary>
/// A polygon with holes, in pixels: (0, 0) is the top left corner of the first pixel, whose centre is (0.5, 0.5). Immutable.
/// </summary>
public sealed class MaskPolygon
{
    /// <param name="outline">
    /// The corners in order, at least 3; the last is joined to the first. Crossing outlines follow the even-odd rule.
    /// </param>
    /// <param name="holes">The corners of each hole; default none.</param>
    /// <exception cref="ArgumentException">A list is null or has fewer than 3 corners, or a corner is not finite.</exception>
    public MaskPolygon(IEnumerable<PointF> outline, IEnumerable<IEnumerable<PointF>>? holes = null)
    {
        Outline = Checked(outline, nameof(outline));
        Holes = Array.AsReadOnly([.. (holes ?? []).Select(hole => Checked(hole, nameof(holes)))]);
    }

    /// <summary>The corners of the outer boundary in order.</summary>
    public IReadOnlyList<PointF> Outline { get; }

    /// <summary>The corners of each hole in order.</summary>
    public IReadOnlyList<IReadOnlyList<PointF>> Holes { get; }

    private static System.Collections.ObjectModel.ReadOnlyCollection<PointF> Checked(IEnumerable<PointF> corners, string argument)
    {
        ArgumentNullException.ThrowIfNull(corners, argument);
        PointF[] points = [.. corners];
        if (points.Length < 3)
            throw new ArgumentException($"{argument}: expected at least 3 corners, got {points.Length}.", argument);
        if (!points.All(point => float.IsFinite(point.X) && float.IsFinite(point.Y)))
            throw new ArgumentException($"{argument}: a corner is not finite.", argument);
        return Array.AsReadOnly(points);
    }
}
