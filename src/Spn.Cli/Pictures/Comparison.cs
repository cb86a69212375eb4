using SkiaSharp;

namespace Spn.Cli.Pictures;

/// <summary>
/// Three panels, coarse | refined | difference: the photo tinted by each mask with its contour, then the pixels that were added and
/// removed.
/// </summary>
internal static class Comparison
{
    private const int MaxPanelWidth = 1280, Gap = 8;

    private static readonly SKColor s_contour = SKColors.White, s_added = new(0, 230, 150), s_removed = new(255, 40, 110);

    /// <summary>Compares masks of one photo.</summary>
    /// <returns>A PNG file.</returns>
    public static byte[] Draw(SKBitmap photo, Mask coarse, Mask refined)
    {
        (int width, int height) = PanelSize(photo);
        return Draw(photo, Layer.Of(coarse, width, height), Layer.Of(refined, width, height));
    }

    /// <summary>Compares label maps of one photo. Changed pixels count as removed if they became background, otherwise as added.</summary>
    /// <returns>A PNG file.</returns>
    public static byte[] Draw(SKBitmap photo, LabelMap coarse, LabelMap refined)
    {
        (int width, int height) = PanelSize(photo);
        return Draw(photo, Layer.Of(coarse, width, height), Layer.Of(refined, width, height));
    }

    private static (int Width, int Height) PanelSize(SKBitmap photo)
    {
        int width = Math.Min(photo.Width, MaxPanelWidth);
        return (width, Math.Max(1, photo.Height * width / photo.Width));
    }

    private static byte[] Draw(SKBitmap photo, Layer before, Layer after)
    {
        (int width, int height) = PanelSize(photo);
        SKImageInfo size = new(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using SKBitmap panelPhoto = photo.Resize(size, new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        SKColor[] pixels = panelPhoto.Pixels;

        using SKBitmap whole = new(3 * width + 2 * Gap, height);
        using SKCanvas canvas = new(whole);
        canvas.Clear(SKColors.White);
        DrawPanel(0, Overlay(pixels, before, width));
        DrawPanel(1, Overlay(pixels, after, width));
        DrawPanel(2, Difference(pixels, before, after, width));
        using SKData png = whole.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();

        void DrawPanel(int column, SKColor[] panel)
        {
            using SKBitmap bitmap = new(size);
            bitmap.Pixels = panel;
            canvas.DrawBitmap(bitmap, column * (width + Gap), 0);
        }
    }

    private static SKColor[] Overlay(SKColor[] photo, Layer layer, int width)
    {
        bool[] line = Line(layer.Regions, width);
        return [.. photo.Select((p, i) => line[i]
            ? s_contour
            : Mix(Mix(p, SKColors.Black, 0.25f * (1 - layer.Amounts[i])), layer.Tint(layer.Regions[i]), 0.45f * layer.Amounts[i]))];
    }

    private static SKColor[] Difference(SKColor[] photo, Layer before, Layer after, int width)
    {
        bool[] line = Line(after.Regions, width);
        return [.. photo.Select((p, i) =>
        {
            byte grey = (byte)((p.Red + 2 * p.Green + p.Blue) / 7);
            if (before.Regions[i] != after.Regions[i])
                return after.Regions[i] != 0 ? s_added : s_removed;
            return line[i] ? Mix(new(grey, grey, grey), s_contour, 0.6f) : new(grey, grey, grey);
        })];
    }

    /// <summary>The pixels on both sides of the regions' borders.</summary>
    private static bool[] Line(int[] regions, int width)
    {
        bool[] line = new bool[regions.Length];
        for (int i = 0; i < regions.Length; i++)
        {
            bool right = (i + 1) % width != 0 && regions[i + 1] != regions[i];
            bool below = i + width < regions.Length && regions[i + width] != regions[i];
            if (!right && !below)
                continue;
            line[i] = true;
            if (right)
                line[i + 1] = true;
            if (below)
                line[i + width] = true;
        }
        return line;
    }

    private static SKColor Mix(SKColor a, SKColor b, float t)
        => new((byte)(a.Red + (b.Red - a.Red) * t), (byte)(a.Green + (b.Green - a.Green) * t), (byte)(a.Blue + (b.Blue - a.Blue) * t));

    /// <summary>A mask or label map at the size of a panel.</summary>
    /// <param name="Amounts">How strongly each pixel is tinted, 0..1.</param>
    /// <param name="Regions">0 for background.</param>
    /// <param name="Tint">The colour of a region.</param>
    private sealed record Layer(float[] Amounts, int[] Regions, Func<int, SKColor> Tint)
    {
        private static readonly SKColor s_tint = new(30, 144, 255);

        public static Layer Of(Mask mask, int width, int height)
        {
            float[] amounts = mask.Resize(width, height).Pixels.ToArray();
            return new Layer(amounts, Array.ConvertAll(amounts, amount => amount >= 0.5f ? 1 : 0), _ => s_tint);
        }

        public static Layer Of(LabelMap labels, int width, int height)
        {
            int[] regions = new int[width * height];
            for (int i = 0; i < regions.Length; i++)
                regions[i] = labels[i % width * labels.Width / width, i / width * labels.Height / height];
            IReadOnlyList<SKColor> palette = labels.Palette ?? LabelPalette.Voc;
            float[] amounts = Array.ConvertAll(regions, region => region == 0 ? 0f : 1f);
            return new Layer(amounts, regions, region => palette[region % palette.Count]);
        }
    }
}
