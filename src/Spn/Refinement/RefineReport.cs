using Spn.Imaging;
using Spn.Refinement;

namespace Spn;

/// <summary>What one refinement did: where the time went, and how much of the mask changed.</summary>
/// <param name="Timings">The time of each stage.</param>
/// <param name="Tiles">The number of tiles in which the image was processed; 1 if it was processed as a whole or in one part, 0 if its coarse pass decided everything.</param>
/// <param name="SkippedTiles">
/// The number of further tiles of a large image that were not computed, because nothing was left to decide after its coarse pass.
/// </param>
/// <param name="ChangedShare">
/// The share of pixels that changed sides, 0..1: from inside to outside or the other way, at the hard threshold (0.5 if the output is
/// soft). Of several masks, the mean over them. Of labels and classes, the share of pixels whose most likely class changed.
/// </param>
/// <param name="MeanChange">The mean of |refined - coarse| over all pixels and maps, 0..1, before a hard threshold.</param>
public readonly record struct RefineReport(RefineTimings Timings, int Tiles, int SkippedTiles, double ChangedShare, double MeanChange)
{
    private readonly IReadOnlyList<MaskVerdict>? _verdicts;

    /// <summary>
    /// For each mask, whether it is likely better than the coarse one. Empty for label maps and class probabilities, and for methods that
    /// are not an <see cref="SpnModel"/>.
    /// </summary>
    public IReadOnlyList<MaskVerdict> Verdicts
    {
        get => _verdicts ?? [];
        init => _verdicts = value;
    }

    /// <summary>Measures the change.</summary>
    /// <param name="stages">What was timed and judged.</param>
    /// <param name="coarse"><c>[K, H, W]</c>.</param>
    /// <param name="refined"><c>[K, H, W]</c>.</param>
    /// <param name="threshold">Between outside and inside; <see langword="null"/> if the K maps are classes.</param>
    internal static RefineReport Of(Stages stages, Planes coarse, Planes refined, float? threshold)
    {
        RefineReport unchanged = new(stages.Timings, stages.Tiles, stages.SkippedTiles, 0, 0) { Verdicts = stages.Verdicts };
        long values = (long)coarse.Count * coarse.Pixels;
        if (values == 0)
            return unchanged;
        double difference = 0;
        long changed = 0;
        for (int k = 0; k < coarse.Count; k++)
        {
            ReadOnlySpan<float> before = coarse[k], after = refined[k];
            for (int i = 0; i < before.Length; i++)
            {
                difference += Math.Abs(after[i] - before[i]);
                if (threshold is float limit && before[i] >= limit != after[i] >= limit)
                    changed++;
            }
        }
        if (threshold is not null)
            return unchanged with { ChangedShare = (double)changed / values, MeanChange = difference / values };
        int[] first = ClassShares.Likeliest(coarse), last = ClassShares.Likeliest(refined);
        for (int i = 0; i < first.Length; i++)
            changed += first[i] == last[i] ? 0 : 1;
        return unchanged with { ChangedShare = (double)changed / first.Length, MeanChange = difference / values };
    }
}
