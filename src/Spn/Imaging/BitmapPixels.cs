using SkiaSharp;

namespace Spn.Imaging;

/// <summary>An <see cref="SKBitmap"/>'s pixels in a known format.</summary>
internal static class BitmapPixels
{
    /// <summary>Checks a bitmap before anything else reads it; even the size of a disposed bitmap is undefined.</summary>
    /// <exception cref="ArgumentException">The bitmap is disposed.</exception>
    /// <exception cref="InvalidDataException">It is empty or has too many pixels.</exception>
    public static void Check(string argument, SKBitmap bitmap, long pixelLimit)
    {
        if (bitmap.Handle == 0)
            throw new ArgumentException($"{argument}: the bitmap is disposed.", argument);
        PixelLimit.Check(new InputName(argument, "the bitmap"), bitmap.Width, bitmap.Height, pixelLimit);
    }

    /// <summary>Copies the pixels.</summary>
    /// <param name="argument">The caller's argument, which exceptions name.</param>
    /// <param name="bitmap">The bitmap, checked.</param>
    /// <param name="colorType">The requested colour type.</param>
    /// <param name="alphaType">The requested alpha type; opaque bitmaps stay opaque.</param>
    /// <param name="pixels">Height · width pixels without gaps.</param>
    /// <exception cref="ArgumentException">The bitmap has no pixels, or a colour type that cannot be converted.</exception>
    public static unsafe void Read(string argument, SKBitmap bitmap, SKColorType colorType, SKAlphaType alphaType, Span<byte> pixels)
    {
        using SKPixmap source = bitmap.PeekPixels()
            ?? throw new ArgumentException($"{argument}: the bitmap has no pixels.", argument);
        SKImageInfo target = new(bitmap.Width, bitmap.Height, colorType, alphaType);
        if (pixels.Length < target.BytesSize64)
            throw new ArgumentException("The buffer is smaller than the bitmap.", nameof(pixels));
        bool converted;
        fixed (byte* address = pixels)
            converted = source.ReadPixels(target, (nint)address, target.RowBytes);
        GC.KeepAlive(bitmap);
        if (!converted)
            throw new ArgumentException($"{argument}: a bitmap of {bitmap.ColorType} cannot be converted to {colorType}.", argument);
    }
}
