using Spn.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Segmentation.Torch;

/// <summary>
/// Smooths classes within boundaries: a Potts model over 4-connected neighbours, in which a change of class costs less where a boundary is
/// predicted (the last step of Liu et al., CVPR 2015, who solve the same energy with graph cuts). Solved by mean field. Thread-safe.
/// </summary>
public static class LabelSmoothing
{
    /// <summary>
    /// Minimizes Σ -log p_i(y_i) + w · Σ (1 - max(e_i, e_j)) · [y_i ≠ y_j] approximately. Differentiable.
    /// </summary>
    /// <param name="classes">Logits <c>[N, K, H, W]</c>, float32.</param>
    /// <param name="edges">Log-odds of a boundary <c>[N, 1, H, W]</c>, float32.</param>
    /// <param name="weight">The cost w of a change of class without a boundary, 0 or more. Default 2.</param>
    /// <param name="iterations">The number of iterations, 0 or more. Default 10.</param>
    /// <returns>Logits <c>[N, K, H, W]</c>. The caller owns them.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor Smooth(Tensor classes, Tensor edges, double weight = 2, int iterations = 10)
    {
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(edges);
        ArgumentOutOfRangeException.ThrowIfNegative(iterations);
        if (!(weight >= 0 && double.IsFinite(weight)))
            throw new ArgumentOutOfRangeException(nameof(weight), weight, "Expected a finite number of 0 or more.");
        long[] expected = [classes.shape[0], 1, .. classes.shape.Skip(2)];
        if (classes.dim() != 4 || !edges.shape.SequenceEqual(expected))
        {
            throw new ArgumentException(
                $"The edges are [{string.Join(", ", edges.shape)}] and the classes [{string.Join(", ", classes.shape)}], " +
                "expected [N, 1, H, W] and [N, K, H, W].", nameof(edges));
        }

        using DisposeScope scope = NewDisposeScope();
        using Scalar factor = weight.ToScalar();
        Tensor probability = edges.sigmoid(), unary = classes.log_softmax(1), q = unary;
        Tensor[] costs = [Cost(2), Cost(3)];
        for (int i = 0; i < iterations; i++)
        {
            Tensor distribution = q.softmax(1);
            q = unary.add(Messages(2).add(Messages(3), Scalars.One), Scalars.One);

            Tensor Messages(int dimension)
            {
                long length = distribution.shape[dimension] - 1;
                Tensor fromBefore = distribution.narrow(dimension, 0, length).mul(costs[dimension - 2]);
                Tensor fromAfter = distribution.narrow(dimension, 1, length).mul(costs[dimension - 2]);
                return Padded(fromBefore, dimension, before: 1).add(Padded(fromAfter, dimension, before: 0), Scalars.One);
            }
        }
        return q.MoveToOuterDisposeScope();

        // Between a pixel and the next one along a dimension.
        Tensor Cost(int dimension)
        {
            long length = probability.shape[dimension] - 1;
            Tensor edge = maximum(probability.narrow(dimension, 0, length), probability.narrow(dimension, 1, length));
            return ones_like(edge).sub(edge).mul(factor);
        }
    }

    private static Tensor Padded(Tensor maps, int dimension, long before)
        => nn.functional.pad(
            maps, dimension == 2 ? [0, 0, before, 1 - before] : new long[] { before, 1 - before, 0, 0 });
}
