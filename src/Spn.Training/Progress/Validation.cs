using Spn.Metrics;
using Spn.Models;
using Spn.Torch;

namespace Spn.Training.Progress;

/// <summary>Refines whole images, always the same images with the same coarse masks, and evaluates the results.</summary>
internal sealed class Validation(ILabeledImages images, TrainingOptions options)
{
    private const ulong Seed = 0x56616C6964;

    /// <summary>The mean metrics of a module as it is now.</summary>
    public ValidationResult Run(SpnModule module)
    {
        SpnModel model = module.ToModel();
        double iou = 0, accuracy = 0, coarseIou = 0, coarseAccuracy = 0;
        for (int i = 0; i < options.ValidationImages; i++)
        {
            var random = new SeededRandom(Seed, (ulong)i);
            LabeledImage image = images.Image(random.Bits());
            float[] coarse = CoarseMasks.Make(image, random.Bits());
            BinaryMask truth = Known(image, BinaryMask.From(image.Mask, image.Width, image.Height).Pixels);
            BinaryMask before = Known(image, BinaryMask.From(coarse, image.Width, image.Height).Pixels);
            BinaryMask after = Known(image, BinaryMask.From(Refine(model, image, coarse), image.Width, image.Height).Pixels);
            iou += MaskMetrics.IoU(after, truth);
            accuracy += MaskMetrics.MeanBoundaryAccuracy(after, truth);
            coarseIou += MaskMetrics.IoU(before, truth);
            coarseAccuracy += MaskMetrics.MeanBoundaryAccuracy(before, truth);
        }
        int n = options.ValidationImages;
        return new ValidationResult(iou / n, accuracy / n, coarseIou / n, coarseAccuracy / n);
    }

    /// <summary>Removes the ignored pixels from a mask.</summary>
    private static BinaryMask Known(LabeledImage image, ReadOnlySpan<byte> pixels)
    {
        bool[] inside = new bool[pixels.Length];
        for (int i = 0; i < inside.Length; i++)
            inside[i] = pixels[i] != 0 && !(image.Ignored is not null && image.Ignored[i] >= 128);
        return BinaryMask.From(inside, image.Width, image.Height);
    }

    private static float[] Refine(SpnModel model, LabeledImage image, float[] coarse)
    {
        int plane = image.Width * image.Height;
        float[] rgb = new float[3 * plane];
        for (int i = 0; i < rgb.Length; i++)
            rgb[i] = image.Rgb[i % plane * 3 + i / plane] / 255f;
        float[] refined = new float[plane];
        using IGuidance guidance = model.Guide(rgb, image.Width, image.Height);
        guidance.Propagate(coarse, refined);
        return refined;
    }
}
