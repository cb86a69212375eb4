using Spn.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Training.Optimization;

/// <summary>
/// AdamW (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019) on flat vectors, with clipping of the gradient's norm.
/// TorchSharp's own optimizers create Scalars that the garbage collector may free while native code reads them.
/// </summary>
internal sealed class AdamW(Tensor start, Tensor decayed, double weightDecay, double maxNorm) : IDisposable
{
    private const double Decay1 = 0.9, Decay2 = 0.99;

    private static readonly Scalar s_keep1 = Decay1.ToScalar(), s_add1 = (1 - Decay1).ToScalar();
    private static readonly Scalar s_keep2 = Decay2.ToScalar(), s_add2 = (1 - Decay2).ToScalar(), s_epsilon = 1e-8.ToScalar();

    private readonly Tensor _maxNorm = tensor((float)maxNorm, device: start.device).DetachFromDisposeScope();
    private readonly Tensor _one = tensor(1f, device: start.device).DetachFromDisposeScope();
    private readonly Tensor _tiny = tensor(1e-6f, device: start.device).DetachFromDisposeScope();

    /// <summary>The parameters.</summary>
    public Tensor Weights { get; } = start.DetachFromDisposeScope();

    /// <summary>The running mean of the gradient.</summary>
    public Tensor Mean { get; } = zeros_like(start).DetachFromDisposeScope();

    /// <summary>The running mean of the squared gradient.</summary>
    public Tensor Square { get; } = zeros_like(start).DetachFromDisposeScope();

    /// <summary>Takes one step.</summary>
    /// <param name="gradient">The gradient <c>[L]</c>, which is changed.</param>
    /// <param name="step">The number of steps taken before this one.</param>
    /// <param name="rate">The learning rate.</param>
    /// <returns>The norm of the gradient before clipping, a scalar tensor on the device.</returns>
    public Tensor Step(Tensor gradient, int step, double rate)
    {
        using var noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor norm = gradient.mul(gradient).sum().sqrt();
        gradient.mul_(minimum(_maxNorm.div(maximum(norm, _tiny)), _one));

        using Scalar size = (-rate * Math.Sqrt(1 - Math.Pow(Decay2, step + 1)) / (1 - Math.Pow(Decay1, step + 1))).ToScalar();
        using Scalar decay = (-rate * weightDecay).ToScalar();
        Mean.mul_(s_keep1).add_(gradient, s_add1);
        Tensor denominator = Square.mul_(s_keep2).addcmul_(gradient, gradient, s_add2).sqrt().add_(s_epsilon, Scalars.One);
        Weights.addcmul_(Weights, decayed, decay).addcdiv_(Mean, denominator, size);
        return norm.MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        Weights.Dispose();
        Mean.Dispose();
        Square.Dispose();
        _maxNorm.Dispose();
        _one.Dispose();
        _tiny.Dispose();
        decayed.Dispose();
    }
}
