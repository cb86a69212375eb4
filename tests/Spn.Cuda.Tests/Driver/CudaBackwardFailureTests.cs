using Spn.Diagnostics;
using Spn.Propagation;
using Spn.Propagation.Cuda;
using Spn.Torch;
using Xunit;
using static TorchSharp.torch;

namespace Spn.Cuda.Tests.Driver;

public sealed class CudaBackwardFailureTests
{
    [Fact]
    public void A_failure_in_the_backward_pass_reaches_the_caller_and_its_cause_is_kept()
    {
        using FakeGpu gpu = new();
        using var scope = NewDisposeScope();
        (_, _, Tensor sum) = Round(gpu);
        gpu.Nvrtc.Set("nvrtcCompileProgram", 6);
        Assert.ThrowsAny<Exception>(() => sum.backward());
        Assert.Contains("spn_backward", Assert.IsType<CudaException>(SpnDiagnostics.LastBackwardError).Message, StringComparison.Ordinal);
        Assert.Equal(0, gpu.Depth);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_failure_under_autograd_grad_does_not_end_the_process(bool createGraph)
    {
        using FakeGpu gpu = new();
        using var scope = NewDisposeScope();
        (Tensor x, Tensor guidance, Tensor sum) = Round(gpu);
        gpu.Nvrtc.Set("nvrtcCompileProgram", 6);
        foreach (Tensor gradient in autograd.grad([sum], [x, guidance], create_graph: createGraph))
            Assert.True(gradient.isnan().all().item<bool>());
    }

    // libtorch runs the backward pass of CUDA tensors on a thread on which no managed method has called it.
    [Fact]
    public void Without_a_caller_on_the_thread_the_gradients_are_NaN()
    {
        using FakeGpu gpu = new();
        using var scope = NewDisposeScope();
        var shape = new PropagationShape(1, 2, 8, 9, 2, ScanDirections.All, GateConnection.ThreeWay);
        var call = new PropagationCall(shape, GateNormalization.Softmax, DirectionMerge.Max, HasInputGate: true, new CudaBackend(gpu.Device()));
        Tensor?[] gradients = [];
        var device = new Thread(() => gradients = BackwardFailure.Gradients(call, CPU));
        device.Start();
        device.Join();
        Assert.Equal([call.XShape, call.GuidanceShape, call.InputGateShape!], gradients.Select(gradient => gradient!.shape));
        Assert.All(gradients, gradient => Assert.True(gradient!.isnan().all().item<bool>()));
        foreach (Tensor? gradient in gradients)
            gradient!.Dispose();
    }

    private static (Tensor X, Tensor Guidance, Tensor Sum) Round(FakeGpu gpu)
    {
        Tensor x = Seeded.Rand(1, [1, 2, 8, 8]).requires_grad_(), guidance = Seeded.Rand(2, [1, 24, 8, 8]).requires_grad_();
        return (x, guidance, SpatialPropagation.Propagate(x, guidance, new PropagationOptions(), null, new CudaBackend(gpu.Device())).sum());
    }
}
