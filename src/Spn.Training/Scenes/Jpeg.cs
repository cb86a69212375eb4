using SkiaSharp;

namespace Spn.Training.Scenes;

/// <summary>Converts a picture to 8-bit pixels, often through JPEG compression.</summary>
internal static class Jpeg
{
    /// <summary>The RGB bytes <c>[H, W, 3]</c>.</summary>
    public static byte[] Encode(SeededRandom random, Picture picture, SceneOptions options)
    {
        bool lossy = random.Chance(options.Jpeg);
        int quality = (int)(100 - 70 * random.Next() * random.Next());
        using SKBitmap bitmap = new(new SKImageInfo(picture.Width, picture.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (int y = 0; y < picture.Height; y++)
        {
            ReadOnlySpan<float> red = picture.Red.Row(y), green = picture.Green.Row(y), blue = picture.Blue.Row(y);
            Span<byte> to = Pixels(bitmap, y);
            for (int x = 0; x < red.Length; x++)
                (to[4 * x], to[4 * x + 1], to[4 * x + 2], to[4 * x + 3]) = (ToByte(red[x]), ToByte(green[x]), ToByte(blue[x]), 255);
        }
        if (!lossy)
            return Rgb(bitmap);
        using SKData file = bitmap.Encode(SKEncodedImageFormat.Jpeg, quality);
        using SKBitmap decoded = SKBitmap.Decode(file, bitmap.Info);
        return Rgb(decoded);
    }

    private static byte ToByte(float value) => (byte)(255 * Math.Clamp(value, 0, 1) + 0.5f);

    private static byte[] Rgb(SKBitmap bitmap)
    {
        byte[] rgb = new byte[3 * bitmap.Width * bitmap.Height];
        for (int y = 0, i = 0; y < bitmap.Height; y++)
        {
            ReadOnlySpan<byte> from = Pixels(bitmap, y);
            for (int x = 0; x < bitmap.Width; x++, i += 3)
                (rgb[i], rgb[i + 1], rgb[i + 2]) = (from[4 * x], from[4 * x + 1], from[4 * x + 2]);
        }
        return rgb;
    }

    private static unsafe Span<byte> Pixels(SKBitmap bitmap, int y)
        => new((byte*)bitmap.GetPixels() + (nint)y * bitmap.RowBytes, 4 * bitmap.Width);
}
