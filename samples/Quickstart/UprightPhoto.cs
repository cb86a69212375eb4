using SkiaSharp;

/// <summary>Decodes a photo as viewers show it: Skia leaves EXIF orientation to its caller.</summary>
internal static class UprightPhoto
{
    public static SKBitmap Load(string path)
    {
        using SKCodec codec = SKCodec.Create(path) ?? throw new InvalidDataException($"'{path}' is missing, or no image that Skia reads.");
        using SKBitmap stored = SKBitmap.Decode(codec) ?? throw new InvalidDataException($"'{path}' is a broken image.");
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
