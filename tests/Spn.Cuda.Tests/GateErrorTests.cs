using Spn.Cuda.Tests.Emulation;
using Spn.Propagation;
using Spn.Propagation.Cuda;
using Spn.Torch;
using TorchSharp;
using Xunit;

namespace Spn.Cuda.Tests;

/// <summary>
/// The gates of float32 come from the hardware's approximate 2^a and 1/a. The emulator's are wrong by up to 2 units in the last place, as the
/// hardware's may be; a gate is then wrong by less than 1e-6.
/// </summary>
public sealed class GateErrorTests
{
    private const double Allowed = 1e-6;

    [Theory]
    [InlineData(GateNormalization.Softmax, 1)]
    [InlineData(GateNormalization.Softmax, 30)]
    [InlineData(GateNormalization.NormalizedSigmoid, 1)]
    [InlineData(GateNormalization.NormalizedSigmoid, 30)]
    public void A_single_step_is_nearly_exact(GateNormalization normalization, double scale)
    {
        HostCompiler.Require();
        using var scope = torch.NewDisposeScope();
        var options = new PropagationOptions { Directions = ScanDirections.TopToBottom, Normalization = normalization };
        // Two lines, so that each pixel of the second is a sum of gates and of values of at most 1.
        bool withXGate = normalization == GateNormalization.NormalizedSigmoid;
        PropagationCase inputs = new PropagationCase(1, 1, 2, 500, 1, options, withXGate)
            .RoundedBy(values => Array.ConvertAll(values, value => (double)(float)value));
        torch.Tensor x = PropagationCase.Tensor(inputs.X, inputs.XShape, torch.float32);
        torch.Tensor guidance = PropagationCase.Tensor(inputs.Guidance, inputs.GuidanceShape, torch.float32).mul(scale);
        torch.Tensor? xGate = inputs.XGate is null ? null : PropagationCase.Tensor(inputs.XGate, inputs.XGateShape, torch.float32);
        var device = new EmulatedCudaDevice(new CudaLimits(90, 132, 227 << 10, 8));
        torch.Tensor actual = SpatialPropagation.Propagate(x, guidance, options, xGate, new CudaBackend(device));
        torch.Tensor expected = SpatialPropagation.Propagate(x.to(torch.float64), guidance.to(torch.float64), options, xGate?.to(torch.float64));
        double error = actual.to(torch.float64).sub(expected).abs().max().item<double>();
        Assert.True(error <= Allowed, $"{error}");
        Assert.True(error > 0); // the emulator's errors reach the result
    }
}
