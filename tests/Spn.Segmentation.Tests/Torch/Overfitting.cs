using Spn.Training.Optimization;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Spn.Segmentation.Tests.Torch;

/// <summary>Checks of trainable networks: a few images are learned by heart, and gradients agree with differences.</summary>
internal static class Overfitting
{
    /// <summary>Minimizes a loss over a module's parameters and returns its values before each step.</summary>
    public static List<float> Train(nn.Module module, int steps, double rate, Func<Tensor> loss)
    {
        Parameter[] parameters = [.. module.parameters()];
        var flat = new FlatTensors(parameters);
        using Tensor decayed = zeros(flat.Gather().shape);
        using var optimizer = new AdamW(flat.Gather(), decayed.alias(), weightDecay: 0, maxNorm: 1);
        var losses = new List<float>();
        for (int step = 0; step < steps; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            module.zero_grad();
            Tensor value = loss();
            value.backward();
            losses.Add(value.item<float>());
            optimizer.Step(FlatTensors.Gather(parameters.Select(p => p.grad ?? zeros_like(p))), step, rate);
            flat.Scatter(optimizer.Weights);
        }
        return losses;
    }

    /// <summary>
    /// Compares the norm of the gradient with the central difference along it. Parameters that start at 0 are moved first, so that every
    /// layer has a gradient.
    /// </summary>
    public static void GradientsAreRight(nn.Module module, Func<Tensor> loss)
    {
        using DisposeScope scope = NewDisposeScope();
        Parameter[] parameters = [.. module.parameters()];
        foreach ((Parameter parameter, int i) in parameters.Select((p, i) => (p, i)))
        {
            if (!parameter.any().item<bool>())
                Seeded.Normal(i, parameter, 0.2);
        }
        module.zero_grad();
        loss().backward();
        Assert.All(module.named_parameters(), named => Assert.True(
            named.parameter.grad is not null && named.parameter.grad.isfinite().all().item<bool>()
                && named.parameter.grad.any().item<bool>(),
            $"{named.name} has no gradient."));

        var flat = new FlatTensors(parameters);
        Tensor start = flat.Gather(), gradient = FlatTensors.Gather(parameters.Select(p => p.grad!));
        float norm = gradient.norm().item<float>();
        float length = 3e-3f / Math.Max(norm, 1);
        Tensor step = gradient.mul(tensor(length / norm));
        double difference;
        using (no_grad())
        {
            flat.Scatter(start.sub(step.neg()));
            double above = loss().item<float>();
            flat.Scatter(start.sub(step));
            difference = (above - loss().item<float>()) / (2 * length);
        }
        Assert.InRange(difference, 0.9 * norm, 1.1 * norm);
    }
}
