using SkiaSharp;

namespace Spn.Cli.Pictures;

/// <summary>Decodes a photo and applies its EXIF orientation, which Skia leaves to the caller.</summary>
internal static class UprightPhoto
{
    /// <param name="file">The content of an image file.</param>
    /// <exception cref="InvalidDataException">It is not an image, or damaged.</exception>
    public static SKBitmap Decode(ReadOnlySpan<byte> file)
    {
        using SKData data = SKData.CreateCopy(file);
        using SKCodec codec = SKCodec.Create(data)
            ?? throw new InvalidDataException("The photo is not in an image format that Skia can read.");
        using SKBitmap stored = SKBitmap.Decode(codec) ?? throw new InvalidDataException("The photo is damaged.");
        float w = stored.Width, h = stored.Height;
        SKMatrix turn = codec.EncodedOrigin switch
        {
            SKEncodedOrigin.TopRight => new(-1, 0, w, 0, 1, 0, 0, 0, 1),
            SKEncodedOrigin.BottomRight => new(-1, 0, w, 0, -1, h, 0, 0, 1),
            SKEncodedOrigin.BottomLeft => new(1, 0, 0, 0, -1, h, 0, 0, 1),
            SKEncodedOrigin.LeftTop => new(0, 1, 0, 1, 0, 0, 0, 0, 1),
            SKEncodedOrigin.RightTop => new(0, -1, h, 1, 0, 0, 0, 0, 1),
            SKEncodedOrigin.RightBottom => new(0, -1, h, -1, 0, w, 0, 0, 1),
            SKEncodedOrigin.LeftBottom => new(0, 1, 0, -1, 0, w, 0, 0, 1),
            _ => SKMatrix.Identity,
        };
        bool swapped = turn.ScaleX == 0;
        SKBitmap upright = new(swapped ? stored.Height : stored.Width, swapped ? stored.Width : stored.Height);
        using SKCanvas canvas = new(upright);
        canvas.Clear(SKColors.White);
        canvas.SetMatrix(turn);
        canvas.DrawBitmap(stored, 0, 0);
        return upright;
    }
}
