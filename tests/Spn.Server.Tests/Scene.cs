using SkiaSharp;

namespace Spn.Server.Tests;

/// <summary>Small photos of a disc, and coarse masks of blocks.</summary>
internal static class Scene
{
    private const int Block = 8;

    /// <summary>A photo as a JPEG.</summary>
    public static byte[] Photo(int width = 96, int height = 64, int x = 48)
    {
        SKColor[] pixels = new SKColor[width * height];
        for (int i = 0; i < pixels.Length; i++)
        {
            bool isInside = IsInside(i % width * 96 / width, i / width * 64 / height, x);
            pixels[i] = isInside ? new SKColor(200, 120, 40) : new SKColor(60, 90, 130);
        }
        using SKBitmap photo = new(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque) { Pixels = pixels };
        return Pictures.Encode(photo, SKEncodedImageFormat.Jpeg, 95);
    }

    public static byte[] Mask(int width = 96, int height = 64, int x = 48, byte value = 255)
        => Pictures.GreyPng(width, height, (column, row) => IsCoarse(column * 96 / width, row * 64 / height, x) ? value : (byte)0);

    /// <summary>A palette PNG: 0 background, 3 the disc.</summary>
    public static byte[] Labels()
    {
        int[,] labels = new int[64, 96];
        for (int y = 0; y < 64; y++)
        {
            for (int x = 0; x < 96; x++)
                labels[y, x] = IsCoarse(x, y, 48) ? 3 : 0;
        }
        return PngFile.Make(labels, 8, PngFile.VocPalette());
    }

    public static byte[] Encode(Action<Stream> save)
    {
        using MemoryStream file = new();
        save(file);
        return file.ToArray();
    }

    private static bool IsInside(int x, int y, int center) => (x - center) * (x - center) + (y - 33) * (y - 33) < 22 * 22;

    private static bool IsCoarse(int x, int y, int center)
        => IsInside(x / Block * Block + Block / 2, y / Block * Block + Block / 2, center);
}
