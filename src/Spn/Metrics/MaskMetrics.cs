namespace Spn.Metrics;

/// <summary>How good a mask is, compared with the true one. Both figures lie in 0..1, 1 is perfect.</summary>
public static class MaskMetrics
{
    private const int BandSteps = 5;

    /// <summary>Intersection over union: |mask ∩ truth| / |mask ∪ truth|; 1 where both are empty.</summary>
    /// <param name="mask">The mask to judge.</param>
    /// <param name="truth">The true mask, of the same size.</param>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public static double IoU(BinaryMask mask, BinaryMask truth)
    {
        RequireSameSize(mask, truth);
        long intersection = 0, union = 0;
        ReadOnlySpan<byte> a = mask.Pixels, b = truth.Pixels;
        for (int i = 0; i < a.Length; i++)
        {
            intersection += a[i] & b[i];
            union += a[i] | b[i];
        }
        return union == 0 ? 1 : (double)intersection / union;
    }

    /// <summary>
    /// Mean boundary accuracy (mBA): the share of right pixels in a band around the true boundary, mean over five bands of radius
    /// r = 1 + ⌊(R - 1)·i/5⌋, i = 0..4, R = (width + height)/300. A band is the morphological gradient (dilation minus erosion) of the truth
    /// with an elliptical element of radius r; pixels outside the image take no part.
    /// </summary>
    /// <remarks>
    /// Source: Cheng et al., "CascadePSP", CVPR 2020. A truth without a boundary (empty or full) has no band: then 1 for the very same mask, else 0.
    /// </remarks>
    /// <param name="mask">The mask to judge.</param>
    /// <param name="truth">The true mask, of the same size.</param>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public static double MeanBoundaryAccuracy(BinaryMask mask, BinaryMask truth)
    {
        RequireSameSize(mask, truth);
        if (truth.Pixels.IndexOfAnyExcept(truth.Pixels[0]) < 0)
            return mask.Pixels.SequenceEqual(truth.Pixels) ? 1 : 0;

        var bands = new BoundaryBands(truth);
        double largest = Math.Max(1, (truth.Width + truth.Height) / 300.0), sum = 0, accuracy = 0;
        int lastRadius = 0;
        for (int i = 0; i < BandSteps; i++)
        {
            int radius = 1 + (int)((largest - 1) / BandSteps * i);
            if (radius != lastRadius)
                accuracy = Accuracy(mask.Pixels, truth.Pixels, bands.WithRadius(radius));
            lastRadius = radius;
            sum += accuracy;
        }
        return sum / BandSteps;
    }

    private static double Accuracy(ReadOnlySpan<byte> mask, ReadOnlySpan<byte> truth, ReadOnlySpan<byte> band)
    {
        long inBand = 0, right = 0;
        for (int i = 0; i < band.Length; i++)
        {
            inBand += band[i];
            right += band[i] & ~(mask[i] ^ truth[i]);
        }
        return (double)right / inBand;
    }

    private static void RequireSameSize(BinaryMask mask, BinaryMask truth)
    {
        ArgumentNullException.ThrowIfNull(mask);
        ArgumentNullException.ThrowIfNull(truth);
        if (mask.Width != truth.Width || mask.Height != truth.Height)
            throw new ArgumentException($"mask is {mask.Width} x {mask.Height}, but truth is {truth.Width} x {truth.Height}.", nameof(mask));
    }
}
