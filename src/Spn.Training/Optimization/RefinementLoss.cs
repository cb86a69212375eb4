using Spn.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Training.Optimization;

/// <summary>
/// Binary cross-entropy of the log-odds plus the absolute error of the probabilities, both weighted per pixel and averaged by weight. The
/// first favours correct decisions everywhere; the second favours sharp boundaries and is not dominated by a few hopeless pixels.
/// </summary>
internal static class RefinementLoss
{
    private static readonly Scalar s_absolute = 1L.ToScalar();

    /// <param name="logits">The log-odds <c>[N, K, H, W]</c>.</param>
    /// <param name="truth">The true mask <c>[N, 1, H, W]</c> in 0..1.</param>
    /// <param name="weights">The weights <c>[N, K, H, W]</c>, 0 where the truth is unknown.</param>
    /// <returns>A scalar tensor, which the caller's scope owns.</returns>
    public static Tensor Of(Tensor logits, Tensor truth, Tensor weights)
    {
        Tensor target = truth.expand_as(logits);
        Tensor entropy = nn.functional.binary_cross_entropy_with_logits(logits, target, weight: weights, reduction: nn.Reduction.Sum);
        Tensor absolute = logits.sigmoid().sub(target).abs().mul(weights).sum();
        return entropy.add(absolute, s_absolute).div(weights.sum().add(Scalars.One, Scalars.One));
    }
}
