using Spn.Imaging;
using Spn.Refinement;

namespace Spn;

/// <summary>
/// Whether a refined mask is better than the coarse one it was made from, as far as the two masks and the image can tell.
/// </summary>
/// <param name="Better">
/// The probability, 0..1, that the refined mask has a higher IoU with the true mask than the coarse one; 0 if no pixel changed sides. It
/// recognizes masks that were right before. On masks of networks it says little; docs/verdicts.md has the figures.
/// </param>
/// <param name="KeptCoarse">
/// Whether the result is the coarse mask: the refiner was built <see cref="RefinerBuilder.WithFallback"/>, and <paramref name="Better"/> is
/// below 0.5.
/// </param>
public readonly record struct MaskVerdict(double Better, bool KeptCoarse)
{
    /// <summary>A logistic regression of <see cref="MaskChange.Features"/>, fitted by benchmarks/Spn.Evaluation.</summary>
    private const double Intercept = 2.12;

    private static readonly double[] s_weights = [0.50, 3.55, 0.66];

    /// <summary>Judges each mask.</summary>
    /// <param name="image"><c>[3, H, W]</c>, RGB in 0..1.</param>
    /// <param name="coarse"><c>[K, H, W]</c>.</param>
    /// <param name="refined"><c>[K, H, W]</c>. With a fallback, masks that are not likely better become the coarse ones.</param>
    /// <param name="threshold">Pixels at or above it are inside.</param>
    /// <param name="fallsBack">Whether to keep coarse masks.</param>
    internal static MaskVerdict[] Judge(Planes image, Planes coarse, Planes refined, float threshold, bool fallsBack)
    {
        MaskVerdict[] verdicts = new MaskVerdict[coarse.Count];
        for (int k = 0; k < verdicts.Length; k++)
        {
            double better = Probability(MaskChange.Of(image, coarse[k], refined[k], threshold));
            verdicts[k] = new MaskVerdict(better, fallsBack && better < 0.5);
            if (verdicts[k].KeptCoarse)
                coarse[k].CopyTo(refined[k]);
        }
        return verdicts;
    }

    private static double Probability(MaskChange change)
    {
        if (change.ChangedPixels == 0)
            return 0;
        double logit = Intercept;
        double[] features = change.Features();
        for (int i = 0; i < features.Length; i++)
            logit += s_weights[i] * features[i];
        return 1 / (1 + Math.Exp(-logit));
    }
}
