using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using SkiaSharp;

namespace Spn.Training.Scenes;

/// <summary>Computes the share of each pixel that is inside polygons.</summary>
internal static class Coverage
{
    /// <summary>Draws polygons with antialiasing.</summary>
    /// <param name="channel">Receives the coverage 0..1 inside the returned region; the other pixels stay unchanged.</param>
    /// <param name="contours">The polygons, in pixels.</param>
    /// <param name="evenOdd">Whether a contour inside another one is a hole.</param>
    /// <returns>The region that the polygons may touch; empty if they are outside the channel.</returns>
    public static unsafe SKRectI Draw(Channel channel, IEnumerable<Vector2[]> contours, bool evenOdd = false)
    {
        using SKPath path = new() { FillType = evenOdd ? SKPathFillType.EvenOdd : SKPathFillType.Winding };
        foreach (Vector2[] contour in contours)
            path.AddPoly(MemoryMarshal.Cast<Vector2, SKPoint>(contour));
        SKRectI region = SKRectI.Intersect(SKRectI.Ceiling(path.Bounds, outwards: true), new(0, 0, channel.Width, channel.Height));
        if (region.Width <= 0 || region.Height <= 0)
            return SKRectI.Empty;

        int size = region.Width * region.Height;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(size);
        Span<byte> bytes = buffer.AsSpan(0, size);
        bytes.Clear();
        fixed (byte* pixels = bytes)
        {
            using SKSurface surface = SKSurface.Create(
                new SKImageInfo(region.Width, region.Height, SKColorType.Alpha8), (nint)pixels, region.Width);
            using SKPaint paint = new() { IsAntialias = true, Color = SKColors.Black };
            surface.Canvas.Translate(-region.Left, -region.Top);
            surface.Canvas.DrawPath(path, paint);
            surface.Flush();
        }
        for (int y = 0; y < region.Height; y++)
        {
            Span<float> row = channel.Row(region.Top + y).Slice(region.Left, region.Width);
            ReadOnlySpan<byte> from = bytes.Slice(y * region.Width, region.Width);
            for (int x = 0; x < row.Length; x++)
                row[x] = from[x] * (1 / 255f);
        }
        ArrayPool<byte>.Shared.Return(buffer);
        return region;
    }
}
