using SkiaSharp;
using Spn;

/// <summary>
/// Draws three panels, coarse | refined | difference: the photo tinted by each mask with its contour, then the pixels that were added and
/// removed.
/// </summary>
internal static class Comparison
{
    private const int MaxPanelWidth = 1280, Gap = 8;

    private static readonly SKColor s_tint = new(30, 144, 255), s_contour = SKColors.White;
    private static readonly SKColor s_added = new(0, 230, 150), s_removed = new(255, 40, 110);

    public static void Save(string path, SKBitmap photo, Mask coarse, Mask refined)
    {
        int width = Math.Min(photo.Width, MaxPanelWidth), height = Math.Max(1, photo.Height * width / photo.Width);
        SKImageInfo size = new(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using SKBitmap panelPhoto = photo.Resize(size, new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        SKColor[] pixels = panelPhoto.Pixels;
        float[] before = Fit(coarse, width, height), after = Fit(refined, width, height);

        using SKBitmap whole = new(3 * width + 2 * Gap, height);
        using SKCanvas canvas = new(whole);
        canvas.Clear(SKColors.White);
        Draw(0, Overlay(pixels, before, width));
        Draw(1, Overlay(pixels, after, width));
        Draw(2, Difference(pixels, before, after, width));
        using SKData png = whole.Encode(SKEncodedImageFormat.Png, 100);
        File.WriteAllBytes($"{path}.tmp", png.ToArray());
        File.Move($"{path}.tmp", path, overwrite: true);

        void Draw(int column, SKColor[] panel)
        {
            using SKBitmap bitmap = new(size);
            bitmap.Pixels = panel;
            canvas.DrawBitmap(bitmap, column * (width + Gap), 0);
        }
    }

    private static SKColor[] Overlay(SKColor[] photo, float[] mask, int width)
    {
        bool[] line = Line(mask, width);
        return [.. photo.Select(
            (p, i) => line[i] ? s_contour : Mix(Mix(p, SKColors.Black, 0.25f * (1 - mask[i])), s_tint, 0.45f * mask[i]))];
    }

    private static SKColor[] Difference(SKColor[] photo, float[] before, float[] after, int width)
    {
        bool[] line = Line(after, width);
        return [.. photo.Select((p, i) =>
        {
            byte grey = (byte)((p.Red + 2 * p.Green + p.Blue) / 7);
            bool was = before[i] >= 0.5f, now = after[i] >= 0.5f;
            if (was != now)
                return now ? s_added : s_removed;
            return line[i] ? Mix(new(grey, grey, grey), s_contour, 0.6f) : new(grey, grey, grey);
        })];
    }

    /// <summary>The pixels along the contour of the mask at 0.5.</summary>
    private static bool[] Line(float[] mask, int width)
    {
        bool[] line = new bool[mask.Length];
        for (int i = 0; i < mask.Length; i++)
        {
            bool inside = mask[i] >= 0.5f;
            bool right = (i + 1) % width == 0 || mask[i + 1] >= 0.5f == inside;
            bool below = i + width >= mask.Length || mask[i + width] >= 0.5f == inside;
            if (right && below)
                continue;
            line[i] = true;
            if (!right)
                line[i + 1] = true;
            if (!below)
                line[i + width] = true;
        }
        return line;
    }

    private static float[] Fit(Mask mask, int width, int height)
    {
        using SKBitmap own = mask.ToSKBitmap();
        using SKBitmap fitted = own.Resize(
            new SKImageInfo(width, height, SKColorType.Gray8, SKAlphaType.Opaque), new SKSamplingOptions(SKFilterMode.Linear));
        return [.. fitted.Pixels.Select(p => p.Red / 255f)];
    }

    private static SKColor Mix(SKColor a, SKColor b, float t)
        => new((byte)(a.Red + (b.Red - a.Red) * t), (byte)(a.Green + (b.Green - a.Green) * t), (byte)(a.Blue + (b.Blue - a.Blue) * t));
}
