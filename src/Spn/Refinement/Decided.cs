using Spn.Imaging;

namespace Spn.Refinement;

/// <summary>Computes refined maps <c>[K, H, W]</c> from coarse ones of the same size.</summary>
internal delegate void RefineMaps(Planes coarse, Planes refined);

/// <summary>
/// Masks without any foreground, and masks without any background: they have no boundary to refine, so they stay as they are, whatever
/// a model would make of them.
/// </summary>
internal static class Decided
{
    /// <summary>Refines the masks that have both foreground and background.</summary>
    /// <param name="masks"><c>[K, H, W]</c>.</param>
    /// <param name="refined">Receives all masks, <c>[K, H, W]</c>.</param>
    /// <param name="threshold">Pixels at or above it are foreground.</param>
    /// <param name="refine">Refines <c>[K', H, W]</c>; not called if K' is 0.</param>
    public static void Keep(Planes masks, Planes refined, float threshold, RefineMaps refine)
    {
        int[] open = [.. Enumerable.Range(0, masks.Count).Where(k => IsOpen(masks[k], threshold))];
        if (open.Length == masks.Count)
        {
            refine(masks, refined);
            return;
        }
        masks.All.CopyTo(refined.All);
        if (open.Length == 0)
            return;
        using Planes some = new(open.Length, masks.Height, masks.Width), result = new(open.Length, masks.Height, masks.Width);
        for (int i = 0; i < open.Length; i++)
            masks[open[i]].CopyTo(some[i]);
        refine(some, result);
        for (int i = 0; i < open.Length; i++)
            result[i].CopyTo(refined[open[i]]);
    }

    /// <summary>Refines class probabilities, unless one class has at least half of every pixel.</summary>
    /// <param name="classes"><c>[K, H, W]</c>.</param>
    /// <param name="refined">Receives all classes, <c>[K, H, W]</c>.</param>
    /// <param name="refine">Refines <c>[K, H, W]</c>; not called if nothing is open.</param>
    public static void KeepClasses(Planes classes, Planes refined, RefineMaps refine)
    {
        for (int k = 0; k < classes.Count; k++)
        {
            if (Range(classes[k]).Min >= 0.5f)
            {
                classes.All.CopyTo(refined.All);
                return;
            }
        }
        refine(classes, refined);
    }

    private static bool IsOpen(ReadOnlySpan<float> mask, float threshold)
    {
        (float min, float max) = Range(mask);
        return max >= threshold && min < threshold;
    }

    private static (float Min, float Max) Range(ReadOnlySpan<float> values)
    {
        float min = float.PositiveInfinity, max = float.NegativeInfinity;
        foreach (float value in values)
            (min, max) = (Math.Min(min, value), Math.Max(max, value));
        return (min, max);
    }
}
