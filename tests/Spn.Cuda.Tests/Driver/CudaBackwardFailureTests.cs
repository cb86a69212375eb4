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
        Tensor x = Seeded.Rand(1, [1, 2, 8, 8]).requires_grad_(), guidance = Seeded.Rand(2, [1, 24, 8, 8]).requires_grad_();
        Tensor sum = SpatialPropagation.Propagate(x, guidance, new PropagationOptions(), null, new CudaBackend(gpu.Device())).sum();
        gpu.Nvrtc.Set("nvrtcCompileProgram", 6);
        Assert.ThrowsAny<Exception>(() => sum.backward());
        Assert.Contains("spn_backward", Assert.IsType<CudaException>(SpnDiagnostics.LastBackwardError).Message, StringComparison.Ordinal);
        Assert.Equal(0, gpu.Depth);
    }
}
