using Spn.Propagation;
using TorchSharp;
using Xunit;

namespace Spn.Testing;

/// <summary>One call of a backend, forward and backward, compared with the naive reference in double.</summary>
internal static class AgainstReference
{
    public delegate torch.Tensor Propagate(torch.Tensor x, torch.Tensor guidance, PropagationOptions options, torch.Tensor? xGate);

    /// <summary>
    /// What a result may be off by, as a part of the largest value. Float32 and float64 leave room for a scan's rounding. In 16 bits the inputs are exact and
    /// sums are float32: what counts is the rounding of the result and of each stored map behind it, half a unit in the last place (2^-11 and 2^-8) each.
    /// </summary>
    public static double Tolerance(torch.ScalarType type) => type switch
    {
        torch.ScalarType.Float64 => 1e-12,
        torch.ScalarType.Float32 => 1e-5,
        torch.ScalarType.Float16 => 4 * Math.Pow(2, -11),
        torch.ScalarType.BFloat16 => 4 * Math.Pow(2, -8),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "No tolerance is known for this type."),
    };

    public static void Check(Propagate propagate, PropagationCase inputs, torch.ScalarType type)
    {
        double tolerance = Tolerance(type);
        inputs = inputs.RoundedTo(type);
        NaivePropagation reference = inputs.Reference;
        double[] gradOutput = [.. inputs.GradOutput];
        if (inputs.Options is { Merge: DirectionMerge.Max, Rounds: 1 })
        {
            // Where two directions are equal up to rounding, the maximum has no gradient to compare.
            double[] gap = reference.Gap(inputs.X);
            for (int i = 0; i < gap.Length; i++)
                gradOutput[i] = gap[i] < 2 * tolerance ? 0 : gradOutput[i];
        }

        using var scope = torch.NewDisposeScope();
        torch.Tensor x = PropagationCase.Tensor(inputs.X, inputs.XShape, type);
        torch.Tensor guidance = PropagationCase.Tensor(inputs.Guidance, inputs.GuidanceShape, type);
        torch.Tensor? xGate = inputs.XGate is null ? null : PropagationCase.Tensor(inputs.XGate, inputs.XGateShape, type);
        double[] expected = reference.Forward(inputs.X);
        torch.Tensor inference = propagate(x, guidance, inputs.Options, xGate);
        Assert.Equal(inputs.OutputShape, inference.shape);
        AssertClose(expected, inference, tolerance, "forward", inputs);

        x.requires_grad_();
        guidance.requires_grad_();
        xGate?.requires_grad_();
        torch.Tensor output = propagate(x, guidance, inputs.Options, xGate);
        Assert.True(inference.allclose(output.detach(), 0, 0), $"training forward differs from inference: {inputs}");
        output.backward([PropagationCase.Tensor(gradOutput, inputs.OutputShape, type)]);
        AssertClose(reference.Backward(inputs.X, gradOutput), x.grad!, tolerance, "∂x", inputs);
        AssertClose(reference.GradGuidance, guidance.grad!, tolerance, "∂guidance", inputs);
        if (xGate is not null)
            AssertClose(reference.GradXGate, xGate.grad!, tolerance, "∂λ", inputs);
    }

    private static void AssertClose(double[] expected, torch.Tensor actual, double tolerance, string what, PropagationCase inputs)
    {
        double[] values = actual.to(torch.ScalarType.Float64).contiguous().data<double>().ToArray();
        double scale = Math.Max(1, expected.Max(Math.Abs));
        for (int i = 0; i < values.Length; i++)
        {
            if (!(Math.Abs(values[i] - expected[i]) <= tolerance * scale))
                Assert.Fail($"{what} at {i}: {values[i]:R}, expected {expected[i]:R} (scale {scale:G3}); {actual.dtype} {inputs}");
        }
    }
}
