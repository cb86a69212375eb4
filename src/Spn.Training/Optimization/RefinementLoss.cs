using Spn.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Training.Optimization;

/// <summary>
/// Binary cross-entropy of the log-odds plus the probabilities' absolute error, both weighted a pixel and averaged by weight: the first
/// for right decisions everywhere, the second for sharp boundaries that a few hopeless pixels do not outweigh.
/// </summary>
internal static class RefinementLoss
{
    private static readonly Scalar s_absolute = 1L.ToScalar();

    /// <param name="odds">Log-odds <c>[N, K, H, W]</c>.</param>
    /// <param name="truth"><c>[N, 1, H, W]</c> in 0..1.</param>
    /// <param name="weights"><c>[N, K, H, W]</c>, 0 where the truth is unknown.</param>
    /// <returns>One number; the caller's scope owns it.</returns>
    public static Tensor Of(Tensor odds, Tensor truth, Tensor weights)
    {
        Tensor target = truth.expand_as(odds);
        Tensor entropy = nn.functional.binary_cross_entropy_with_logits(odds, target, weight: weights, reduction: nn.Reduction.Sum);
        Tensor absolute = odds.sigmoid().sub(target).abs().mul(weights).sum();
        return entropy.add(absolute, s_absolute).div(weights.sum().add(Scalars.One, Scalars.One));
    }
}
