using SkiaSharp;

namespace Spn.Cli.Pictures;

/// <summary>A photo in dark grey, with what a pixel reaches in orange and a ring around the pixel.</summary>
internal static class AffinityPicture
{
    /// <summary>Draws one panel. The square root makes weak influence visible.</summary>
    /// <param name="photo">The photo.</param>
    /// <param name="affinity">How much of a mask at the pixel reaches every other one; of the photo's size.</param>
    /// <param name="x">The pixel's column.</param>
    /// <param name="y">The pixel's row.</param>
    /// <returns>A bitmap of the photo's size, which the caller disposes.</returns>
    public static SKBitmap Draw(SKBitmap photo, Mask affinity, int x, int y)
    {
        SKColor[] pixels = photo.Pixels;
        ReadOnlySpan<float> reached = affinity.Pixels;
        for (int i = 0; i < pixels.Length; i++)
        {
            SKColor p = pixels[i];
            float grey = 0.45f * (p.Red + 2 * p.Green + p.Blue) / 4, glow = MathF.Sqrt(reached[i]);
            pixels[i] = new((byte)(grey + (255 - grey) * glow), (byte)(grey + (165 - grey) * glow), (byte)(grey * (1 - glow)));
        }
        SKBitmap panel = new(photo.Info) { Pixels = pixels };
        using SKCanvas canvas = new(panel);
        using SKPaint ring = new() { Color = SKColors.White, Style = SKPaintStyle.Stroke, StrokeWidth = 2, IsAntialias = true };
        canvas.DrawCircle(x, y, 7, ring);
        return panel;
    }
}
