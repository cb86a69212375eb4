using Spn.Diagnostics;
using Spn.Torch;
using Xunit;
using static TorchSharp.torch;

namespace Spn.Tests.Diagnostics;

[Collection(nameof(LastBackwardError))]
public sealed class LastBackwardErrorTests
{
    [Fact]
    public void Keeps_the_cause_that_libtorch_cannot_carry()
    {
        using var scope = NewDisposeScope();
        Tensor x = Seeded.Rand(1, [1, 1, 4, 4]).requires_grad_(), guidance = Seeded.Rand(2, [1, 12, 4, 4]);
        Tensor sum = SpatialPropagation.Propagate(x, guidance).sum();
        // Not autograd.grad: TorchSharp does not catch what libtorch throws there, which ends the process.
        Assert.ThrowsAny<Exception>(() => autograd.backward(sum, create_graph: true));
        Assert.Contains("differentiable once", Assert.IsType<NotSupportedException>(SpnDiagnostics.LastBackwardError).Message, StringComparison.Ordinal);
    }
}
