using Spn.Training.Corruption;
using Spn.Training.Scenes;

namespace Spn.Training;

/// <summary>
/// Generates coarse masks like those of networks, annotators and tools, from exact to badly displaced, as training input. One in five is
/// exact, so that a model learns when to leave a mask unchanged. If the image has masks of real networks, half of the others are taken from
/// them. <see cref="TrainingOptions"/> can change both shares. Thread-safe.
/// </summary>
public static class CoarseMasks
{
    // A mask that has lost its object (for example a thin one after erosion) no longer shows what to refine, so another corruption is
    // tried.
    private const int Tries = 4;
    private const float MinContrast = 0.3f;

    /// <summary>The default share of exact masks.</summary>
    internal const double ExactShare = 0.2;

    /// <summary>The default share of an image's masks of real networks among its inexact masks.</summary>
    internal const double RealShare = 0.5;

    // The share of vague masks among all.
    private const float Vague = 0.025f;

    /// <summary>Generates one coarse mask. Call it before cropping, so that content shifted in from outside the crop is real.</summary>
    /// <param name="image">The image with its true mask.</param>
    /// <param name="seed">The random seed. The same seed gives the same mask on every thread.</param>
    /// <param name="scale">
    /// The scale of the errors in pixels, relative to a photo of 512 x 512; more than 0 and at most 64. For a crop or a resized crop, pass
    /// √(width·height)/512 of the whole photo. Default: √(width·height)/512 of the image itself.
    /// </param>
    /// <returns>The probability of the object, 0..1, <c>[H, W]</c>.</returns>
    /// <exception cref="ArgumentNullException">The image is null.</exception>
    /// <exception cref="ArgumentException">The number of values of a mask or of the colours does not match the size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The scale is out of range.</exception>
    public static float[] Make(LabeledImage image, ulong seed, double? scale = null)
        => Make(image, seed, scale, ExactShare, RealShare);

    internal static float[] Make(LabeledImage image, ulong seed, double? scale, double exactShare, double realShare)
    {
        ArgumentNullException.ThrowIfNull(image);
        int width = image.Width, height = image.Height;
        if (width < 1 || height < 1 || image.Mask.Length != (long)width * height || image.Rgb.Length != 3L * width * height)
        {
            throw new ArgumentException(
                $"image: got {image.Mask.Length} mask values and {image.Rgb.Length} colour values; expected {(long)width * height} and " +
                $"{3L * width * height} for {width} x {height} pixels.",
                nameof(image));
        }
        if (image.RealMasks?.FirstOrDefault(real => real.Length != image.Mask.Length) is { } misfit)
        {
            throw new ArgumentException(
                $"image: a mask of a real network has {misfit.Length} values; expected {image.Mask.Length}.", nameof(image));
        }
        float unit = (float)(scale ?? Math.Sqrt((double)width * height) / 512);
        if (!(unit > 0 && unit <= 64))
            throw new ArgumentOutOfRangeException(nameof(scale), scale, "Expected more than 0 and at most 64 pixels.");

        using Channel mask = new(width, height);
        for (int attempt = 0; attempt < Tries; attempt++)
        {
            Corrupt(image, mask, new(seed, (ulong)attempt), unit, exactShare, realShare);
            if (Contrast(image.Mask, mask) >= MinContrast)
                break;
        }
        SeededRandom vagueness = new SeededRandom(seed).Fork("vagueness");
        if (vagueness.Chance(Vague))
            Vagueness.Apply(new(mask, image, vagueness, unit));
        return mask.Values.ToArray();
    }

    /// <summary>A network's mask of an object that is not in the image: probabilities that are low nearly everywhere.</summary>
    internal static float[] MakeAbsent(LabeledImage image, SeededRandom random, float unit)
    {
        using Channel mask = new(image.Width, image.Height);
        Uncertainty.Apply(new(mask, image, random, unit));
        return mask.Values.ToArray();
    }

    private static void Corrupt(LabeledImage image, Channel mask, SeededRandom random, float unit, double exactShare, double realShare)
    {
        IReadOnlyList<CorruptionKind> kinds = CorruptionKind.Pick(random.Fork("families"), exactShare);
        SeededRandom real = random.Fork("real");
        if (kinds.Count > 0 && image.RealMasks is { Count: > 0 } masks && real.Chance(realShare))
        {
            Load(masks[real.Below(masks.Count)], mask);
            Confidence.Finish(random.Fork("confidence"), mask, soft: true, exact: false);
            return;
        }
        Load(image.Mask, mask);
        foreach (CorruptionKind kind in kinds)
            kind.Apply(new(mask, image, random.Fork(kind.Name), unit));
        Confidence.Finish(random.Fork("confidence"), mask, kinds.Any(kind => kind.IsSoft), kinds.Count == 0);
    }

    /// <summary>The mean of the mask inside the object minus its mean outside; 1 if there is no inside or no outside.</summary>
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
