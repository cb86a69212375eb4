using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Torch;

/// <summary>
/// The last step of a residual propagation. For every pixel it blends the mask's log-odds with new ones from the network:
/// refined = keep · s · logit(mask) + (1 - keep) · new.
/// </summary>
internal static class LogitBlend
{
    /// <summary>The mask is clamped to [Epsilon, 1 - Epsilon] before its log-odds are taken: ±4.6 at most.</summary>
    public const float Epsilon = Inference.Layers.LogitBlend.Epsilon;

    /// <param name="decoded"><c>[N, 8, h, w]</c>: new log-odds of 2x2 pixels, then the log-odds of keeping the old ones.</param>
    /// <param name="mask"><c>[N, 1, 2·h, 2·w]</c>, float32 in 0..1.</param>
    /// <param name="scale">s, <c>[1]</c>.</param>
    /// <returns>The refined log-odds <c>[N, 1, 2·h, 2·w]</c>.</returns>
    public static Tensor Refine(Tensor decoded, Tensor mask, Tensor scale)
    {
        using Tensor shuffled = nn.functional.pixel_shuffle(decoded, 2), odds = shuffled.narrow(1, 0, 1), keep = shuffled.narrow(1, 1, 1);
        using Tensor share = keep.sigmoid(), old = mask.logit(Epsilon), scaled = old.mul(scale);
        return lerp(odds, scaled, share);
    }
}
