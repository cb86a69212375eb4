using System.Numerics;
using Spn.Training.Scenes;

namespace Spn.Training;

/// <summary>
/// Pastes real objects into other real photos: the object of one image of a source is cut out along its mask, rotated, scaled, and pasted
/// into another image. Either it becomes the object of the mask, or it hides a part of the existing object. A few hundred photos thus give
/// tens of thousands of images (Dwibedi et al., "Cut, Paste and Learn", 2017; Ghiasi et al., "Simple Copy-Paste is a Strong Data
/// Augmentation Method", 2021). Thread-safe.
/// </summary>
/// <param name="images">The source of the objects and the backgrounds.</param>
/// <param name="seed">The random seed, which determines the pairs and the placement. Default: 0.</param>
public sealed class PastedObjects(ILabeledImages images, ulong seed = 0) : ILabeledImages
{
    private const double Hiding = 0.3, Mirrored = 0.5;
    private const float Smallest = 0.5f, Largest = 1.6f, Tilt = 0.35f, Light = 1.25f;

    private readonly ILabeledImages _images = images ?? throw new ArgumentNullException(nameof(images));

    /// <inheritdoc/>
    /// <remarks>The image has the size of the background photo.</remarks>
    public LabeledImage Image(ulong number)
    {
        var random = new SeededRandom(seed, number);
        LabeledImage ground = _images.Image(random.Bits()), cut = _images.Image(random.Bits());
        byte[] cover = Cover(cut);
        (Vector2 low, Vector2 high) = Extent(cover, cut.Width);
        if (low.X > high.X)
            return ground; // nothing to paste

        byte[] rgb = [.. ground.Rgb];
        bool hides = random.Chance(Hiding);
        byte[] mask = hides ? [.. ground.Mask] : new byte[ground.Mask.Length];
        // Unknown pixels of the first object do not matter for the second.
        byte[]? ignored = hides && ground.Ignored is not null ? [.. ground.Ignored]
            : cut.Ignored is not null ? new byte[mask.Length]
            : null;

        Vector2 middle = (low + high) / 2, turn = SeededRandom.Angle(random.Between(-Tilt, Tilt)) / random.LogBetween(Smallest, Largest);
        float side = random.Chance(Mirrored) ? -1 : 1;
        var at = new Vector2(random.Next() * ground.Width, random.Next() * ground.Height);
        var gain = new Vector3(
            random.LogBetween(1 / Light, Light), random.LogBetween(1 / Light, Light), random.LogBetween(1 / Light, Light));
        float reach = Vector2.Distance(low, high) / 2 / turn.Length() + 1;
        int top = (int)Math.Max(0, at.Y - reach), bottom = (int)Math.Min(ground.Height, at.Y + reach + 1);
        int left = (int)Math.Max(0, at.X - reach), right = (int)Math.Min(ground.Width, at.X + reach + 1);
        for (int y = top; y < bottom; y++)
        {
            for (int x = left; x < right; x++)
            {
                Vector2 from = new Vector2(x, y) - at;
                var source = new Vector2(
                    middle.X + side * (turn.X * from.X + turn.Y * from.Y), middle.Y + turn.X * from.Y - turn.Y * from.X);
                if (source.X < 0 || source.Y < 0 || source.X > cut.Width - 1 || source.Y > cut.Height - 1)
                    continue;
                float share = Probe(cover, cut.Width, 1, 0, source) / 255;
                int pixel = y * ground.Width + x;
                if (share > 0)
                {
                    for (int c = 0; c < 3; c++)
                    {
                        float pasted = Math.Min(255, Probe(cut.Rgb, cut.Width, 3, c, source) * gain[c]);
                        rgb[3 * pixel + c] = (byte)(rgb[3 * pixel + c] + (pasted - rgb[3 * pixel + c]) * share + 0.5f);
                    }
                    mask[pixel] = (byte)((hides ? mask[pixel] * (1 - share) : 255 * share) + 0.5f);
                }
                if (cut.Ignored is not null && Probe(cut.Ignored, cut.Width, 1, 0, source) > 0)
                    ignored![pixel] = 255;
            }
        }
        return new LabeledImage(ground.Width, ground.Height, rgb, mask, ignored);
    }

    /// <summary>
    /// The share of each pixel that is cut out. The border pixels of a mask contain some of the old background, so the cut is half a pixel
    /// inside the border and fades over one pixel.
    /// </summary>
    private static byte[] Cover(LabeledImage image)
    {
        byte[] cover = new byte[image.Mask.Length];
        for (int y = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++)
            {
                if (image.Mask[y * image.Width + x] == 0)
                    continue;
                int sum = 0, count = 0;
                for (int ny = Math.Max(0, y - 1); ny <= Math.Min(image.Height - 1, y + 1); ny++)
                {
                    for (int nx = Math.Max(0, x - 1); nx <= Math.Min(image.Width - 1, x + 1); nx++, count++)
                        sum += image.Mask[ny * image.Width + nx];
                }
                cover[y * image.Width + x] = (byte)Math.Clamp(2 * sum / count - 255, 0, 255);
            }
        }
        return cover;
    }

    /// <summary>The corners of the rectangle around what is cut out; low is above high where that is nothing.</summary>
    private static (Vector2 Low, Vector2 High) Extent(byte[] cover, int width)
    {
        Vector2 low = new(float.MaxValue), high = new(float.MinValue);
        for (int i = 0; i < cover.Length; i++)
        {
            if (cover[i] == 0)
                continue;
            var at = new Vector2(i % width, i / width);
            (low, high) = (Vector2.Min(low, at), Vector2.Max(high, at));
        }
        return (low, high);
    }

    /// <summary>A channel between four pixels.</summary>
    private static float Probe(byte[] pixels, int width, int channels, int channel, Vector2 at)
    {
        int x = (int)at.X, y = (int)at.Y, row = width * channels, height = pixels.Length / row;
        int first = y * row + x * channels + channel, right = x + 1 < width ? channels : 0, down = y + 1 < height ? row : 0;
        float fx = at.X - x, fy = at.Y - y;
        float above = pixels[first] + (pixels[first + right] - pixels[first]) * fx;
        float below = pixels[first + down] + (pixels[first + down + right] - pixels[first + down]) * fx;
        return above + (below - above) * fy;
    }
}
