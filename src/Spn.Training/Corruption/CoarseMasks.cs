using Spn.Training.Corruption;
using Spn.Training.Scenes;

namespace Spn.Training;

/// <summary>
/// Coarse masks as networks, annotators and tools make them, from exact to badly shifted: what a model is trained to refine. One in five is
/// exact, so that a model learns when to leave a mask alone.
/// </summary>
public static class CoarseMasks
{
    // A mask that has lost its object (a thin one, eroded) no longer says what to refine: then another error is tried.
    private const int Tries = 4;
    private const float LeastContrast = 0.3f;

    /// <summary>Makes one coarse mask. Do this before cropping, so that what a shift brings in is real.</summary>
    /// <param name="image">The image with its true mask.</param>
    /// <param name="seed">Another seed gives another error; the same one gives the same mask on every thread.</param>
    /// <param name="scale">
    /// The pixels that make a length of 1 in a photo of 512 x 512: √(width·height)/512 of the whole photo where the image is a crop or a
    /// resized crop of one. Default: of the image itself.
    /// </param>
    /// <returns><c>[H, W]</c>, the probability of the object, 0..1.</returns>
    /// <exception cref="ArgumentException">The mask or the colours are not as many as the size says.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The scale is not positive.</exception>
    public static float[] Make(LabeledImage image, ulong seed, double? scale = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        int width = image.Width, height = image.Height;
        if (width < 1 || height < 1 || image.Mask.Length != (long)width * height || image.Rgb.Length != 3L * width * height)
            throw new ArgumentException($"image: {image.Mask.Length} mask and {image.Rgb.Length} colour values came for {width} x {height} pixels.", nameof(image));
        float unit = (float)(scale ?? Math.Sqrt((double)width * height) / 512);
        if (!(unit > 0 && unit <= 64))
            throw new ArgumentOutOfRangeException(nameof(scale), scale, "scale: expected more than 0 and at most 64 pixels.");

        using Channel mask = new(width, height);
        for (int attempt = 0; attempt < Tries; attempt++)
        {
            Corrupt(image, mask, new(seed, (ulong)attempt), unit);
            if (Contrast(image.Mask, mask) >= LeastContrast)
                break;
        }
        return mask.Values.ToArray();
    }

    private static void Corrupt(LabeledImage image, Channel mask, SeededRandom random, float unit)
    {
        Load(image.Mask, mask);
        IReadOnlyList<CoarseFamily> families = CoarseFamily.Pick(random.Fork("families"));
        foreach (CoarseFamily family in families)
            family.Apply(new(mask, image, random.Fork(family.Name), unit));
        Confidence.Finish(random.Fork("confidence"), mask, families.Any(family => family.IsSoft), families.Count == 0);
    }

    /// <summary>How much higher the mask is inside the object than outside, on average; 1 where there is only one of both.</summary>
    private static float Contrast(ReadOnlySpan<byte> truth, Channel mask)
    {
        double inside = 0, outside = 0, area = 0;
        ReadOnlySpan<float> values = mask.Values;
        for (int i = 0; i < values.Length; i++)
        {
            float share = truth[i] * (1 / 255f);
            (area, inside, outside) = (area + share, inside + share * values[i], outside + (1 - share) * values[i]);
        }
        double rest = values.Length - area;
        return area < 0.5 || rest < 0.5 ? 1 : (float)(inside / area - outside / rest);
    }

    internal static void Load(ReadOnlySpan<byte> bytes, Channel mask)
    {
        Span<float> values = mask.Values;
        for (int i = 0; i < values.Length; i++)
            values[i] = bytes[i] * (1 / 255f);
    }
}
