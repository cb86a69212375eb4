using Spn.Guidance;
using Spn.Native;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Spn.Tests.Guidance;

/// <summary>
/// Training steps with Adam (Kingma and Ba, ICLR 2015). TorchSharp's optimisers make Scalars that the garbage collector may free while
/// native code reads them; here every Scalar is held by a field or a using.
/// </summary>
internal sealed class Training : IDisposable
{
    private const double Decay1 = 0.9, Decay2 = 0.99;

    private static readonly Scalar Keep1 = Decay1, Add1 = 1 - Decay1, Keep2 = Decay2, Add2 = 1 - Decay2, Epsilon = 1e-8;

    private readonly SpnModel model;
    private readonly double rate;
    private readonly (Parameter Value, Tensor Mean, Tensor Square)[] state;
    private int step;

    public Training(SpnModel model, double rate)
    {
        this.model = model;
        this.rate = rate;
        state = [.. model.parameters().Select(p => (p, zeros(p.shape).DetachFromDisposeScope(), zeros(p.shape).DetachFromDisposeScope()))];
    }

    /// <summary>One step; the loss before it.</summary>
    public float Step(ToyScenes scenes)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor loss = nn.functional.binary_cross_entropy_with_logits(model.forward(scenes.Images, scenes.Coarse), scenes.Masks);
        model.zero_grad();
        loss.backward();
        Update();
        return BitConverter.ToSingle(loss.detach().bytes);
    }

    public void Dispose()
    {
        foreach ((_, Tensor mean, Tensor square) in state)
        {
            mean.Dispose();
            square.Dispose();
        }
    }

    private void Update()
    {
        using var noGrad = no_grad();
        step++;
        using Scalar size = -rate * Math.Sqrt(1 - Math.Pow(Decay2, step)) / (1 - Math.Pow(Decay1, step));
        foreach ((Parameter value, Tensor mean, Tensor square) in state)
        {
            using Tensor gradient = value.grad!;
            using Tensor denominator = square.mul_(Keep2).addcmul_(gradient, gradient, Add2).sqrt();
            denominator.add_(Epsilon, Scalars.One);
            value.addcdiv_(mean.mul_(Keep1).add_(gradient, Add1), denominator, size);
        }
    }
}
