using Spn.Diagnostics;
using Spn.Torch;
using TorchSharp;
using Xunit;

namespace Spn.Gpu.Tests.Libtorch;

/// <summary>Failures in a backward pass on CUDA tensors. They once ended the process, so they run in a process of their own.</summary>
[Trait("Level", "backward-failure")]
public sealed class CudaBackwardFailureTests
{
    [Fact]
    public void A_failure_gives_NaN_and_keeps_its_cause()
    {
        CudaTensors.Require();
        using var scope = torch.NewDisposeScope();
        torch.Tensor x = Seeded.Rand(1, [1, 2, 8, 8]).cuda().requires_grad_(), guidance = Seeded.Rand(2, [1, 24, 8, 8]).cuda();
        torch.Tensor sum = SpatialPropagation.Propagate(x, guidance).sum();
        IList<torch.Tensor> gradients = torch.autograd.grad([sum], [x], create_graph: true);
        Assert.True(gradients[0].isnan().all().cpu().item<bool>());
        Assert.IsType<NotSupportedException>(SpnDiagnostics.LastBackwardError);
    }
}
