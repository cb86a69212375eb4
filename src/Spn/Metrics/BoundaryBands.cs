using System.Numerics;

namespace Spn.Metrics;

/// <summary>
/// Bands around a mask's boundary. A pixel belongs to the band of radius r if its elliptical neighbourhood contains pixels inside and
/// outside the mask.
/// </summary>
/// <remarks>
/// The ellipse is a stack of horizontal runs. Each pixel's distance along its row to the nearest inside and the nearest outside pixel is
/// precomputed, so one comparison per run tests a whole vector of pixels, independent of the run's length.
/// </remarks>
internal sealed class BoundaryBands
{
    private const ushort Far = ushort.MaxValue;

    private readonly int _width, _height;
    private readonly ushort[] _toInside, _toOutside;

    /// <summary>Measures the rows of a mask once, for any number of radii.</summary>
    public BoundaryBands(BinaryMask mask)
    {
        (_width, _height) = (mask.Width, mask.Height);
        _toInside = RowDistances(mask.Pixels, _width, 1);
        _toOutside = RowDistances(mask.Pixels, _width, 0);
    }

    /// <summary>The band as bytes in row-major order: 1 inside the band, 0 outside.</summary>
    /// <param name="radius">The radius in pixels, 1..65534.</param>
    public byte[] WithRadius(int radius)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(radius, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual<int>(radius, Far);
        int[] halfWidths = EllipseHalfWidths(radius);
        byte[] band = new byte[_width * _height];
        ushort[] inside = new ushort[_width], outside = new ushort[_width];
        for (int y = 0; y < _height; y++)
        {
            Array.Clear(inside);
            Array.Clear(outside);
            for (int dy = Math.Max(-radius, -y); dy <= radius && y + dy < _height; dy++)
            {
                ushort reach = (ushort)halfWidths[dy + radius];
                OrWithin(inside, _toInside.AsSpan((y + dy) * _width, _width), reach);
                OrWithin(outside, _toOutside.AsSpan((y + dy) * _width, _width), reach);
            }
            for (int x = 0; x < _width; x++)
                band[y * _width + x] = (byte)(inside[x] & outside[x] & 1);
        }
        return band;
    }

    /// <summary>The half-width of each row of the ellipse of size 2r + 1, rounded as in OpenCV's MORPH_ELLIPSE (half to even).</summary>
    internal static int[] EllipseHalfWidths(int radius)
    {
        int[] halfWidths = new int[2 * radius + 1];
        for (int dy = -radius; dy <= radius; dy++)
            halfWidths[dy + radius] = (int)Math.Round(Math.Sqrt((double)radius * radius - (double)dy * dy), MidpointRounding.ToEven);
        return halfWidths;
    }

    private static void OrWithin(Span<ushort> hit, ReadOnlySpan<ushort> distances, ushort reach)
    {
        int x = 0;
        var limit = new Vector<ushort>(reach);
        for (; x <= hit.Length - Vector<ushort>.Count; x += Vector<ushort>.Count)
            (new Vector<ushort>(hit[x..]) | Vector.LessThanOrEqual(new Vector<ushort>(distances[x..]), limit)).CopyTo(hit[x..]);
        for (; x < hit.Length; x++)
            if (distances[x] <= reach)
                hit[x] = ushort.MaxValue;
    }

    private static ushort[] RowDistances(ReadOnlySpan<byte> pixels, int width, byte wanted)
    {
        ushort[] distances = new ushort[pixels.Length];
        for (int row = 0; row < pixels.Length; row += width)
        {
            ushort distance = Far;
            for (int i = row; i < row + width; i++)
                distances[i] = distance = pixels[i] == wanted ? (ushort)0 : Next(distance);
            distance = Far;
            for (int i = row + width - 1; i >= row; i--)
            {
                distance = pixels[i] == wanted ? (ushort)0 : Next(distance);
                distances[i] = Math.Min(distances[i], distance);
            }
        }
        return distances;
    }

    private static ushort Next(ushort distance) => distance < Far ? (ushort)(distance + 1) : Far;
}
