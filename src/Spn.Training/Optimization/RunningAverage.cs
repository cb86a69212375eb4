using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Training.Optimization;

/// <summary>
/// An exponential running average of a vector, such as weights or batch statistics. The first steps have more weight, so that the initial
/// value is soon forgotten.
/// </summary>
internal sealed class RunningAverage(Tensor start, double decay) : IDisposable
{
    /// <summary>The average.</summary>
    public Tensor Value { get; } = start.clone().DetachFromDisposeScope();

    /// <summary>Adds the vector after a step.</summary>
    /// <param name="vector">A vector of the same length.</param>
    /// <param name="step">The number of steps taken before this one.</param>
    public void Add(Tensor vector, int step)
    {
        using var noGrad = no_grad();
        double kept = Math.Min(decay, (1.0 + step) / (10 + step));
        using Scalar old = kept.ToScalar(), added = (1 - kept).ToScalar();
        Value.mul_(old).add_(vector, added);
    }

    public void Dispose() => Value.Dispose();
}
