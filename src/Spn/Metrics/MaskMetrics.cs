namespace Spn.Metrics;

/// <summary>The quality of a mask compared with the true mask. Every metric is in 0..1, where 1 is perfect.</summary>
/// <remarks>
/// Pass the pixels where the truth is undecided (void) as <c>ignored</c>; they are not counted. Boundaries are still computed from the
/// values that the masks have at these pixels.
/// </remarks>
public static class MaskMetrics
{
    /// <summary>The default distance of <see cref="BoundaryIoU"/>: 2 % of the image's diagonal.</summary>
    public const double BoundaryDistance = 0.02;

    private const int BandSteps = 5;

    /// <summary>Intersection over union: |mask ∩ truth| / |mask ∪ truth|; 1 if both masks are empty.</summary>
    /// <param name="mask">The mask to evaluate.</param>
    /// <param name="truth">The true mask, of the same size.</param>
    /// <param name="ignored">
    /// 1 for pixels that are not counted, of the same size; <see langword="null"/> (default) counts all pixels.
    /// </param>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public static double IoU(BinaryMask mask, BinaryMask truth, BinaryMask? ignored = null)
    {
        RequireSameSize(mask, truth, ignored);
        return IoU(mask.Pixels, truth.Pixels, Ignored(ignored));
    }

    /// <summary>
    /// Boundary IoU: the intersection over union of the inner bands of the two masks. The inner band of a mask is its pixels within
    /// distance d of its contour. The result is 1 if both bands are empty.
    /// </summary>
    /// <remarks>
    /// Source: Cheng et al., "Boundary IoU", CVPR 2021. d is a fraction of the diagonal, rounded to whole pixels, and at least 1 pixel. As
    /// in the authors' program, the distance is max(|Δx|, |Δy|), a square element, and the image border counts as contour where the mask
    /// touches it.
    /// </remarks>
    /// <param name="mask">The mask to evaluate.</param>
    /// <param name="truth">The true mask, of the same size.</param>
    /// <param name="ignored">
    /// 1 for pixels that are not counted, of the same size; <see langword="null"/> (default) counts all pixels.
    /// </param>
    /// <param name="distance">d as a fraction of the image's diagonal, greater than 0 and at most 1. Default: 0.02.</param>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The distance is out of range.</exception>
    public static double BoundaryIoU(BinaryMask mask, BinaryMask truth, BinaryMask? ignored = null, double distance = BoundaryDistance)
    {
        RequireSameSize(mask, truth, ignored);
        if (!(distance > 0 && distance <= 1))
            throw new ArgumentOutOfRangeException(nameof(distance), distance, $"distance is {distance}; expected more than 0, at most 1.");
        double diagonal = Math.Sqrt((double)mask.Width * mask.Width + (double)mask.Height * mask.Height);
        int pixels = Math.Max(1, (int)Math.Round(distance * diagonal));
        return IoU(InnerBand.Of(mask, pixels), InnerBand.Of(truth, pixels), Ignored(ignored));
    }

    /// <summary>
    /// Mean boundary accuracy (mBA): the fraction of correct pixels in a band around the true boundary, averaged over five bands of radius
    /// r = 1 + ⌊(R - 1)·i/5⌋ pixels with i = 0..4 and R = (width + height)/300. A band is the morphological gradient (dilation minus
    /// erosion) of the truth with an elliptical element of radius r. Pixels outside the image are not considered.
    /// </summary>
    /// <remarks>
    /// Source: Cheng et al., "CascadePSP", CVPR 2020. If a band contains no counted pixel (the truth is empty or full, or the whole band is
    /// ignored), its accuracy is 1 for a mask that is correct at every counted pixel, otherwise 0.
    /// </remarks>
    /// <param name="mask">The mask to evaluate.</param>
    /// <param name="truth">The true mask, of the same size.</param>
    /// <param name="ignored">
    /// 1 for pixels that are not counted, of the same size; <see langword="null"/> (default) counts all pixels.
    /// </param>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public static double MeanBoundaryAccuracy(BinaryMask mask, BinaryMask truth, BinaryMask? ignored = null)
    {
        RequireSameSize(mask, truth, ignored);
        var bands = new BoundaryBands(truth);
        double largest = Math.Max(1, (truth.Width + truth.Height) / 300.0), sum = 0, accuracy = 0;
        int lastRadius = 0;
        for (int i = 0; i < BandSteps; i++)
        {
            int radius = 1 + (int)((largest - 1) / BandSteps * i);
            if (radius != lastRadius)
                accuracy = Accuracy(mask.Pixels, truth.Pixels, bands.WithRadius(radius), Ignored(ignored));
            lastRadius = radius;
            sum += accuracy;
        }
        return sum / BandSteps;
    }

    private static double IoU(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, ReadOnlySpan<byte> ignored)
    {
        long intersection = 0, union = 0;
        for (int i = 0; i < a.Length; i++)
        {
            int counts = ignored.IsEmpty ? 1 : 1 - ignored[i];
            intersection += a[i] & b[i] & counts;
            union += (a[i] | b[i]) & counts;
        }
        return union == 0 ? 1 : (double)intersection / union;
    }

    private static double Accuracy(ReadOnlySpan<byte> mask, ReadOnlySpan<byte> truth, ReadOnlySpan<byte> band, ReadOnlySpan<byte> ignored)
    {
        long inBand = 0, wrongInBand = 0, wrong = 0;
        for (int i = 0; i < band.Length; i++)
        {
            int counts = ignored.IsEmpty ? 1 : 1 - ignored[i], differs = (mask[i] ^ truth[i]) & counts;
            inBand += band[i] & counts;
            wrongInBand += band[i] & differs;
            wrong += differs;
        }
        return inBand > 0 ? (double)(inBand - wrongInBand) / inBand : wrong == 0 ? 1 : 0;
    }

    private static ReadOnlySpan<byte> Ignored(BinaryMask? ignored) => ignored is null ? [] : ignored.Pixels;

    private static void RequireSameSize(BinaryMask mask, BinaryMask truth, BinaryMask? ignored)
    {
        ArgumentNullException.ThrowIfNull(mask);
        ArgumentNullException.ThrowIfNull(truth);
        RequireSize(mask, nameof(mask), truth);
        if (ignored is not null)
            RequireSize(ignored, nameof(ignored), truth);
    }

    private static void RequireSize(BinaryMask mask, string name, BinaryMask truth)
    {
        if (mask.Width != truth.Width || mask.Height != truth.Height)
            throw new ArgumentException($"{name} is {mask.Width} x {mask.Height}, but truth is {truth.Width} x {truth.Height}.", name);
    }
}
