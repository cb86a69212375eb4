namespace Spn.Metrics;

/// <summary>How good a mask is, compared with the true one. Every figure lies in 0..1, 1 is perfect.</summary>
/// <remarks>
/// Where the truth is undecided (void), pass those pixels as <c>ignored</c>: they are not counted. They still have the value that the masks give
/// them where a boundary is looked for.
/// </remarks>
public static class MaskMetrics
{
    /// <summary>The distance of <see cref="BoundaryIoU"/> by default: 2 % of the image's diagonal.</summary>
    public const double BoundaryDistance = 0.02;

    private const int BandSteps = 5;

    /// <summary>Intersection over union: |mask ∩ truth| / |mask ∪ truth|; 1 where both are empty.</summary>
    /// <param name="mask">The mask to judge.</param>
    /// <param name="truth">The true mask, of the same size.</param>
    /// <param name="ignored">1 where a pixel is not counted, of the same size; <see langword="null"/> (default) counts all.</param>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public static double IoU(BinaryMask mask, BinaryMask truth, BinaryMask? ignored = null)
    {
        RequireSameSize(mask, truth, ignored);
        return IoU(mask.Pixels, truth.Pixels, Ignored(ignored));
    }

    /// <summary>
    /// Boundary IoU: the intersection over union of the two masks' inner bands, the pixels of a mask that lie within d of its contour. 1 where both
    /// bands are empty.
    /// </summary>
    /// <remarks>
    /// Source: Cheng et al., "Boundary IoU", CVPR 2021. d is a share of the diagonal, rounded to a whole pixel, 1 or more. As in the authors' program,
    /// distances are those of a square element, max(|Δx|, |Δy|), and where a mask leaves the image is contour too.
    /// </remarks>
    /// <param name="mask">The mask to judge.</param>
    /// <param name="truth">The true mask, of the same size.</param>
    /// <param name="ignored">1 where a pixel is not counted, of the same size; <see langword="null"/> (default) counts all.</param>
    /// <param name="distance">d as a share of the image's diagonal, above 0, at most 1; default 0.02.</param>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The distance is outside its range.</exception>
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
    /// Mean boundary accuracy (mBA): the share of right pixels in a band around the true boundary, mean over five bands of radius
    /// r = 1 + ⌊(R - 1)·i/5⌋, i = 0..4, R = (width + height)/300. A band is the morphological gradient (dilation minus erosion) of the truth
    /// with an elliptical element of radius r; pixels outside the image take no part.
    /// </summary>
    /// <remarks>
    /// Source: Cheng et al., "CascadePSP", CVPR 2020. Where a band has no pixel that counts (the truth is empty or full, or the band is all ignored):
    /// 1 for a mask that is right at every pixel that counts, else 0.
    /// </remarks>
    /// <param name="mask">The mask to judge.</param>
    /// <param name="truth">The true mask, of the same size.</param>
    /// <param name="ignored">1 where a pixel is not counted, of the same size; <see langword="null"/> (default) counts all.</param>
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
