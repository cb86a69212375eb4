using System.Numerics;
using Spn.Training.Scenes;

namespace Spn.Training.Corruption;

/// <summary>Traces the contours of a hard mask along the edges of its pixels.</summary>
internal static class Contours
{
    // The four directions of an edge: right, down, left, up.
    private static readonly (int X, int Y)[] s_steps = [(1, 0), (0, 1), (-1, 0), (0, -1)];

    /// <summary>The contours as closed polygons, including those of holes. Filled by the even-odd rule, they give the mask.</summary>
    public static List<Vector2[]> Of(Channel mask)
    {
        int width = mask.Width, height = mask.Height, stride = width + 1;
        // The edges that leave each corner of the pixel grid. The inside is to the right of an edge.
        byte[] edges = new byte[stride * (height + 1)];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                if (!Inside(mask, x, y))
                    continue;
                int corner = y * stride + x;
                if (!Inside(mask, x, y - 1))
                    edges[corner] |= 1;
                if (!Inside(mask, x + 1, y))
                    edges[corner + 1] |= 2;
                if (!Inside(mask, x, y + 1))
                    edges[corner + stride + 1] |= 4;
                if (!Inside(mask, x - 1, y))
                    edges[corner + stride] |= 8;
            }
        }
        List<Vector2[]> contours = [];
        for (int start = 0; start < edges.Length; start++)
        {
            while (edges[start] != 0)
                contours.Add(Follow(edges, start, stride));
        }
        return contours;
    }

    /// <summary>
    /// Removes corners as long as the contour moves by no more than a tolerance in pixels (Douglas and Peucker, 1973).
    /// </summary>
    public static Vector2[] Simplified(Vector2[] contour, float tolerance)
    {
        if (contour.Length < 4)
            return contour;
        int farthest = 0;
        for (int i = 1; i < contour.Length; i++)
        {
            if (Vector2.DistanceSquared(contour[i], contour[0]) > Vector2.DistanceSquared(contour[farthest], contour[0]))
                farthest = i;
        }
        bool[] kept = new bool[contour.Length];
        kept[0] = kept[farthest] = true;
        Stack<(int From, int To)> open = new([(0, farthest), (farthest, contour.Length)]);
        while (open.TryPop(out (int From, int To) range))
        {
            Vector2 from = contour[range.From], to = contour[range.To % contour.Length];
            (int most, float distance) = (0, tolerance * tolerance);
            for (int i = range.From + 1; i < range.To; i++)
            {
                float away = DistanceSquared(contour[i], from, to);
                if (away > distance)
                    (most, distance) = (i, away);
            }
            if (most == 0)
                continue;
            kept[most] = true;
            open.Push((range.From, most));
            open.Push((most, range.To));
        }
        return [.. contour.Where((_, i) => kept[i])];
    }

    private static Vector2[] Follow(byte[] edges, int start, int stride)
    {
        List<Vector2> corners = [];
        int at = start, direction = -1;
        do
        {
            // Where two contours touch, turning right keeps them apart.
            int next = direction < 0 ? 0 : (direction + 1) & 3;
            while ((edges[at] & (1 << next)) == 0)
                next = (next + 3) & 3;
            if (next != direction)
                corners.Add(new(at % stride, at / stride));
            edges[at] &= (byte)~(1 << next);
            direction = next;
            at += s_steps[next].X + stride * s_steps[next].Y;
        }
        while (at != start);
        return [.. corners];
    }

    private static bool Inside(Channel mask, int x, int y)
        => x >= 0 && y >= 0 && x < mask.Width && y < mask.Height && mask.Row(y)[x] >= 0.5f;

    private static float DistanceSquared(Vector2 point, Vector2 from, Vector2 to)
    {
        Vector2 along = to - from;
        float length = along.LengthSquared(), at = length > 0 ? Math.Clamp(Vector2.Dot(point - from, along) / length, 0, 1) : 0;
        return Vector2.DistanceSquared(point, from + at * along);
    }
}
