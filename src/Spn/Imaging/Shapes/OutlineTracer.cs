using System.Drawing;

namespace Spn.Imaging.Shapes;

/// <summary>Follows the edges between pixels inside and outside a threshold.</summary>
internal static class OutlineTracer
{
    // Headings in clockwise order; the inside is at the right hand.
    private const int Right = 0, Down = 1, Left = 2, Up = 3;

    private static readonly (int X, int Y)[] s_steps = [(1, 0), (0, 1), (-1, 0), (0, -1)];

    /// <summary>One ring of corners and the pixel inside at its first edge.</summary>
    private readonly record struct Ring(List<Point> Corners, int Pixel, long DoubleArea);

    /// <param name="pixels"><c>[height, width]</c>.</param>
    /// <param name="width">Pixels per row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="threshold">Pixels at or above it are inside.</param>
    /// <param name="tolerance">The maximum distance of a simplified outline in pixels; 0 keeps every corner.</param>
    public static IReadOnlyList<MaskPolygon> Trace(ReadOnlySpan<float> pixels, int width, int height, float threshold, float tolerance)
    {
        bool[] inside = new bool[pixels.Length];
        for (int i = 0; i < inside.Length; i++)
            inside[i] = pixels[i] >= threshold;
        int[] parts = Parts(inside, width, height);

        Dictionary<int, List<PointF>> outlines = []; // by part, in the order found
        Dictionary<int, List<List<PointF>>> holes = [];
        foreach (Ring ring in Rings(inside, width, height))
        {
            List<PointF> corners = Simplification.Simplify([.. ring.Corners.Select(corner => new PointF(corner.X, corner.Y))], tolerance);
            if (corners.Count < 3)
                continue;
            int part = parts[ring.Pixel];
            if (ring.DoubleArea > 0)
                outlines[part] = corners;
            else if (holes.TryGetValue(part, out List<List<PointF>>? others))
                others.Add(corners);
            else
                holes[part] = [corners];
        }
        return [.. outlines.Select(outline => new MaskPolygon(outline.Value, holes.GetValueOrDefault(outline.Key)))];
    }

    private static IEnumerable<Ring> Rings(bool[] inside, int width, int height)
    {
        bool[] traced = new bool[inside.Length]; // the upper edge of a pixel
        for (int start = 0; start < inside.Length; start++)
        {
            if (inside[start] && !traced[start] && !(start >= width && inside[start - width]))
                yield return Follow(start);
        }

        // Every ring has an upper edge, so it is found by one.
        Ring Follow(int start)
        {
            List<Point> corners = [];
            long doubleArea = 0;
            Point first = new(start % width, start / width), at = first;
            int heading = Right;
            do
            {
                if (heading == Right)
                    traced[at.Y * width + at.X] = true;
                Point next = new(at.X + s_steps[heading].X, at.Y + s_steps[heading].Y);
                doubleArea += (long)at.X * next.Y - (long)next.X * at.Y;
                at = next;
                int turned = Turn(at, heading);
                if (turned != heading)
                    corners.Add(at);
                heading = turned;
            }
            while (at != first || heading != Right);
            return new Ring(corners, start, doubleArea);
        }

        // At a corner where two pixels touch diagonally it turns right, staying with the same pixel.
        int Turn(Point at, int heading)
        {
            foreach (int turn in new[] { 1, 0, 3 })
            {
                int next = (heading + turn) % 4;
                (bool rightHand, bool leftHand) = Sides(at, next);
                if (rightHand && !leftHand)
                    return next;
            }
            throw new InvalidOperationException("An outline ended within the mask.");
        }

        (bool RightHand, bool LeftHand) Sides(Point at, int heading) => heading switch
        {
            Right => (Inside(at.X, at.Y), Inside(at.X, at.Y - 1)),
            Down => (Inside(at.X - 1, at.Y), Inside(at.X, at.Y)),
            Left => (Inside(at.X - 1, at.Y - 1), Inside(at.X - 1, at.Y)),
            _ => (Inside(at.X, at.Y - 1), Inside(at.X - 1, at.Y - 1)),
        };

        bool Inside(int x, int y) => x >= 0 && y >= 0 && x < width && y < height && inside[y * width + x];
    }

    /// <summary>For each pixel inside, the first pixel of its part, connected by sides.</summary>
    private static int[] Parts(bool[] inside, int width, int height)
    {
        int[] parts = new int[inside.Length];
        Array.Fill(parts, -1);
        Stack<int> open = [];
        for (int start = 0; start < inside.Length; start++)
        {
            if (!inside[start] || parts[start] >= 0)
                continue;
            parts[start] = start;
            open.Push(start);
            while (open.TryPop(out int pixel))
            {
                (int y, int x) = int.DivRem(pixel, width);
                Visit(x > 0, pixel - 1);
                Visit(x < width - 1, pixel + 1);
                Visit(y > 0, pixel - width);
                Visit(y < height - 1, pixel + width);
            }

            void Visit(bool exists, int pixel)
            {
                if (!exists || !inside[pixel] || parts[pixel] >= 0)
                    return;
                parts[pixel] = start;
                open.Push(pixel);
            }
        }
        return parts;
    }
}
