using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Refinement;

/// <summary>
/// Masks without any foreground, and masks without any background: they have no boundary to refine, so they stay as they are, whatever
/// a model would make of them.
/// </summary>
internal static class Decided
{
    /// <summary>Refines the masks that have both foreground and background.</summary>
    /// <param name="masks"><c>[N, K, H, W]</c>.</param>
    /// <param name="threshold">Pixels at or above it are foreground.</param>
    /// <param name="refine">Refines <c>[N, K', H, W]</c>; not called if K' is 0.</param>
    /// <returns><c>[N, K, H, W]</c>.</returns>
    public static Tensor Keep(Tensor masks, float threshold, Func<Tensor, Tensor> refine)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor limit = tensor(threshold, device: masks.device);
        Tensor empty = masks.amax([2, 3], keepdim: true).lt(limit), full = masks.amin([2, 3], keepdim: true).ge(limit);
        Tensor decided = empty.logical_or(full); // [N, K, 1, 1]
        bool[] everywhere = decided.flatten(1).all(0).cpu().data<bool>().ToArray(); // in all images
        long[] open = [.. Enumerable.Range(0, everywhere.Length).Where(k => !everywhere[k]).Select(k => (long)k)];
        if (open.Length == 0)
            return masks.clone().MoveToOuterDisposeScope();
        if (open.Length == everywhere.Length)
            return where(decided, masks, refine(masks)).MoveToOuterDisposeScope();
        Tensor index = tensor(open, device: masks.device);
        Tensor some = masks.index_select(1, index), kept = where(decided.index_select(1, index), some, refine(some));
        return masks.index_copy(1, index, kept).MoveToOuterDisposeScope();
    }

    /// <summary>Refines class probabilities, except in images where one class has at least half of every pixel.</summary>
    /// <param name="classes"><c>[N, K, H, W]</c>.</param>
    /// <param name="refine">Refines <c>[N, K, H, W]</c>; not called if nothing is open.</param>
    /// <returns><c>[N, K, H, W]</c>.</returns>
    public static Tensor KeepClasses(Tensor classes, Func<Tensor, Tensor> refine)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor half = tensor(0.5f, device: classes.device);
        Tensor full = classes.amin([2, 3], keepdim: true).ge(half).any(1, keepdim: true); // [N, 1, 1, 1]
        if (full.all().cpu().item<bool>())
            return classes.clone().MoveToOuterDisposeScope();
        return where(full, classes, refine(classes)).MoveToOuterDisposeScope();
    }
}
