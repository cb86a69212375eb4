namespace Spn.Training.Samples;

/// <summary>
/// The part of an image that a sample shows, its scale, and whether it is mirrored or transposed. Sample pixel (x, y), or (y, x) if
/// transposed, shows the image at origin + (x, y) · step.
/// </summary>
/// <param name="Left">The horizontal position of the first sample column in the image, in pixels.</param>
/// <param name="Top">The vertical position of the first sample row in the image, in pixels.</param>
/// <param name="Step">Image pixels per sample pixel.</param>
/// <param name="Mirrored">Whether left and right are exchanged.</param>
/// <param name="Transposed">Whether rows and columns are exchanged, after mirroring.</param>
internal readonly record struct CropView(float Left, float Top, float Step, bool Mirrored, bool Transposed)
{
    private const float Smallest = 0.5f, Largest = 1.6f; // scales of the image
    private const int Attempts = 12, Grid = 16;
    private const float MinShare = 0.03f;

    // The share of views at native resolution: only these keep the exact steps in the true mask that an annotator or a tool made.
    private const float Native = 0.4f;

    // The share of transposed views: the world is upright, but masks of horizontal structures are as important as those of vertical ones.
    private const float Lying = 0.25f;

    /// <summary>A random view that contains both sides of the mask, if a few attempts find one.</summary>
    public static CropView Random(LabeledImage image, int size, SeededRandom random)
    {
        CropView view = default;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            int side = Math.Min(image.Width, image.Height);
            bool native = side >= size && random.Chance(Native);
            float step = native ? 1 : Math.Min(1 / random.LogBetween(Smallest, Largest), (float)side / size);
            float left = random.Next() * (image.Width - size * step), top = random.Next() * (image.Height - size * step);
            if (native)
                (left, top) = (MathF.Floor(left), MathF.Floor(top));
            view = new CropView(left, top, step, random.Chance(0.5f), random.Chance(Lying));
            float inside = view.ShareInside(image, size);
            if (inside is >= MinShare and <= 1 - MinShare)
                break;
        }
        return view;
    }

    /// <summary>
    /// The view with an additional margin, in sample pixels, on every side. Outside the image, the image's border is repeated.
    /// </summary>
    public CropView Grow(int margin) => this with { Left = Left - margin * Step, Top = Top - margin * Step };

    /// <summary>Reads the view as an image of size x size pixels.</summary>
    public LabeledImage Read(LabeledImage image, int size)
    {
        CropView view = this;
        return new(size, size, Of(image.Rgb, 3), Of(image.Mask), image.Ignored is null ? null : Of(image.Ignored),
            image.RealMasks is null ? null : [.. image.RealMasks.Select(mask => Of(mask))]);

        byte[] Of(byte[] pixels, int channels = 1) => view.Read(pixels, image.Width, image.Height, channels, size);
    }

    /// <summary>Samples bilinearly, several times per pixel if the image is downscaled.</summary>
    private byte[] Read(byte[] pixels, int width, int height, int channels, int size)
    {
        byte[] result = new byte[size * size * channels];
        int probes = Step > 1.2f ? 2 : 1;
        float gain = 1f / (probes * probes);
        float[] row = new float[size * channels];
        for (int y = 0; y < size; y++)
        {
            Array.Clear(row);
            for (int py = 0; py < probes; py++)
            {
                float atY = Math.Clamp(Top + (y + (py + 0.5f) / probes) * Step - 0.5f, 0, height - 1);
                int y0 = (int)atY, y1 = Math.Min(y0 + 1, height - 1);
                float fy = atY - y0;
                ReadOnlySpan<byte> upper = pixels.AsSpan(y0 * width * channels, width * channels);
                ReadOnlySpan<byte> lower = pixels.AsSpan(y1 * width * channels, width * channels);
                for (int px = 0; px < probes; px++)
                {
                    for (int x = 0; x < size; x++)
                    {
                        float atX = Math.Clamp(Left + (x + (px + 0.5f) / probes) * Step - 0.5f, 0, width - 1);
                        int x0 = (int)atX, a = x0 * channels, b = Math.Min(x0 + 1, width - 1) * channels;
                        float fx = atX - x0;
                        int target = (Mirrored ? size - 1 - x : x) * channels;
                        for (int c = 0; c < channels; c++)
                        {
                            float above = upper[a + c] + (upper[b + c] - upper[a + c]) * fx;
                            float below = lower[a + c] + (lower[b + c] - lower[a + c]) * fx;
                            row[target + c] += above + (below - above) * fy;
                        }
                    }
                }
            }
            for (int x = 0; x < size; x++)
            {
                int target = (Transposed ? x * size + y : y * size + x) * channels;
                for (int c = 0; c < channels; c++)
                    result[target + c] = (byte)(row[x * channels + c] * gain + 0.5f);
            }
        }
        return result;
    }

    private float ShareInside(LabeledImage image, int size)
    {
        int inside = 0;
        for (int i = 0; i < Grid * Grid; i++)
        {
            int x = (int)(Left + (i % Grid + 0.5f) / Grid * size * Step), y = (int)(Top + (i / Grid + 0.5f) / Grid * size * Step);
            inside += image.Mask[Math.Min(y, image.Height - 1) * image.Width + Math.Min(x, image.Width - 1)] >> 7;
        }
        return (float)inside / (Grid * Grid);
    }
}
