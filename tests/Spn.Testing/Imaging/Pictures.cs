using SkiaSharp;

namespace Spn.Testing;

/// <summary>Small picture files and bitmaps with known pixels.</summary>
internal static class Pictures
{
    /// <summary>Colours that differ in every pixel and channel.</summary>
    public static SKColor ColourAt(int x, int y) => new((byte)(x * 7 + y), (byte)(y * 5 + 3 * x + 1), (byte)(255 - 3 * x - 2 * y));

    public static SKBitmap Bitmap(int width, int height, Func<int, int, SKColor> colour, SKAlphaType alpha = SKAlphaType.Opaque)
    {
        SKBitmap bitmap = new(width, height, SKColorType.Rgba8888, alpha);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
                bitmap.SetPixel(x, y, colour(x, y));
        }
        return bitmap;
    }

    public static SKBitmap Colours(int width, int height) => Bitmap(width, height, ColourAt);

    public static byte[] Png(SKBitmap bitmap) => Encode(bitmap, SKEncodedImageFormat.Png, 100);

    public static byte[] Png(int width, int height, Func<int, int, SKColor> colour, SKAlphaType alpha = SKAlphaType.Opaque)
    {
        using SKBitmap bitmap = Bitmap(width, height, colour, alpha);
        return Png(bitmap);
    }

    public static byte[] ColourPng(int width, int height) => Png(width, height, ColourAt);

    public static byte[] GreyPng(int width, int height, Func<int, int, byte> grey)
    {
        using SKBitmap bitmap = new(width, height, SKColorType.Gray8, SKAlphaType.Opaque);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
                bitmap.SetPixel(x, y, new SKColor(grey(x, y), grey(x, y), grey(x, y)));
        }
        return Png(bitmap);
    }

    public static byte[] Encode(SKBitmap bitmap, SKEncodedImageFormat format, int quality)
    {
        using SKData data = bitmap.Encode(format, quality);
        return data.ToArray();
    }

    /// <summary>Puts an EXIF segment with an orientation (1..8) behind a JPEG's first marker.</summary>
    public static byte[] WithOrientation(byte[] jpeg, int orientation)
    {
        byte[] exif =
        [
            0xFF, 0xE1, 0, 34, .. "Exif\0\0"u8, .. "MM\0*"u8, 0, 0, 0, 8,
            0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0,
        ];
        return [.. jpeg[..2], .. exif, .. jpeg[2..]];
    }
}
