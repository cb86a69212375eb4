using Spn.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Spn.Training.Tests.Models;

/// <summary>
/// Training steps with Adam (Kingma and Ba, ICLR 2015). TorchSharp's optimisers make Scalars that the garbage collector may free while
/// native code reads them; here every Scalar is held by a field or a using.
/// </summary>
internal sealed class ToyTraining : IDisposable
{
    private const double Decay1 = 0.9, Decay2 = 0.99;

    private static readonly Scalar s_keep1 = Decay1, s_add1 = 1 - Decay1, s_keep2 = Decay2, s_add2 = 1 - Decay2, s_epsilon = 1e-8, s_one = 1L;

    private readonly SpnModule _model;
    private readonly double _rate;
    private readonly (Parameter Value, Tensor Mean, Tensor Square)[] _state;
    private int _step;

    public ToyTraining(SpnModule model, double rate)
    {
        _model = model;
        _rate = rate;
        _state = [.. model.parameters().Select(p => (p, zeros(p.shape).DetachFromDisposeScope(), zeros(p.shape).DetachFromDisposeScope()))];
    }

    /// <summary>One step; the loss before it.</summary>
    public float Step(ToyScenes scenes)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor loss = nn.functional.binary_cross_entropy_with_logits(_model.forward(scenes.Images, scenes.Coarse), scenes.Masks);
        _model.zero_grad();
        loss.backward();
        Update();
        return BitConverter.ToSingle(loss.detach().bytes);
    }

    public void Dispose()
    {
        foreach ((_, Tensor mean, Tensor square) in _state)
        {
            mean.Dispose();
            square.Dispose();
        }
    }

    private void Update()
    {
        using var noGrad = no_grad();
        _step++;
        using Scalar size = -_rate * Math.Sqrt(1 - Math.Pow(Decay2, _step)) / (1 - Math.Pow(Decay1, _step));
        foreach ((Parameter value, Tensor mean, Tensor square) in _state)
        {
            using Tensor gradient = value.grad!;
            using Tensor denominator = square.mul_(s_keep2).addcmul_(gradient, gradient, s_add2).sqrt();
            denominator.add_(s_epsilon, s_one);
            value.addcdiv_(mean.mul_(s_keep1).add_(gradient, s_add1), denominator, size);
        }
    }
}
