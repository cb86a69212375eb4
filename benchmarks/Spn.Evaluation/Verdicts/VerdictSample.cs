using OpenCvSharp;
using Spn.Evaluation.Coarse;
using Spn.Evaluation.Methods;
using Spn.Evaluation.Photos;
using Spn.Imaging;
using Spn.Metrics;
using Spn.Refinement;

namespace Spn.Evaluation.Verdicts;

/// <summary>A refined mask, and whether it was right to refine it.</summary>
/// <param name="Features">What the verdict is computed from.</param>
/// <param name="Better">The verdict of the library: the probability that the IoU rises.</param>
/// <param name="IoUGain">The IoU of the refined mask minus that of the coarse one, 0..1.</param>
/// <param name="MbaGain">The same for the mean boundary accuracy.</param>
internal sealed record VerdictSample(double[] Features, double Better, double IoUGain, double MbaGain)
{
    private const float Half = 0.5f;

    public bool IsBetter => IoUGain > 0;

    public bool IsWorse => IoUGain < 0;

    /// <summary>Whether <see cref="RefinerBuilder.WithFallback"/> keeps the coarse mask.</summary>
    public bool IsKept => Better < 0.5;

    /// <summary>Refines all coarse masks of a photo.</summary>
    public static IEnumerable<VerdictSample> Of(Photo photo, ICoarseMasks masks, Refiner refiner)
    {
        (int width, int height) = (photo.Image.Width, photo.Image.Height);
        ImageInput image = photo.Image.ToInput();
        using Planes pixels = ToPlanes(photo.Image);
        foreach (string kind in masks.Kinds(photo.Name))
        {
            using Mat mat = masks.Make(photo, kind);
            mat.GetArray(out float[] coarse);
            Mask refined = refiner.Refine(image, MaskInput.FromPixels(coarse.AsMemory(), width, height), out RefineReport report);
            MaskChange change = MaskChange.Of(pixels, coarse, refined.Pixels, Half);
            BinaryMask before = BinaryMask.From(coarse, width, height), after = BinaryMask.From(refined.Pixels, width, height);
            yield return new VerdictSample(
                change.Features(), report.Verdicts[0].Better,
                MaskMetrics.IoU(after, photo.TruthMask, photo.Ignored) - MaskMetrics.IoU(before, photo.TruthMask, photo.Ignored),
                MaskMetrics.MeanBoundaryAccuracy(after, photo.TruthMask, photo.Ignored)
                    - MaskMetrics.MeanBoundaryAccuracy(before, photo.TruthMask, photo.Ignored));
        }
    }

    private static Planes ToPlanes(Mat bgr)
    {
        Planes planes = new(3, bgr.Height, bgr.Width);
        bgr.GetArray(out Vec3b[] pixels);
        for (int i = 0; i < pixels.Length; i++)
            (planes[0][i], planes[1][i], planes[2][i]) = (pixels[i].Item2 / 255f, pixels[i].Item1 / 255f, pixels[i].Item0 / 255f);
        return planes;
    }
}
