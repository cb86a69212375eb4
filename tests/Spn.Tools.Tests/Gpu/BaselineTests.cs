using Spn.GpuBenchmarks.Libtorch;
using Spn.GpuBenchmarks.Rounds;
using Spn.Propagation;
using Spn.Torch;
using TorchSharp;
using Xunit;

namespace Spn.Tools.Tests.Gpu;

/// <summary>What the benchmarks compare with computes the same.</summary>
public sealed class BaselineTests
{
    [Fact]
    public void Tensor_operations_compute_the_operator_and_its_gradients()
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor x = Seeded.Rand(1, [2, 3, 9, 14]).to(torch.float64), guidance = Seeded.Randn(2, [2, 9, 9, 14]).to(torch.float64);
        torch.Tensor gradient = Seeded.Rand(3, [2, 3, 9, 14]).to(torch.float64);
        (torch.Tensor H, torch.Tensor GradX, torch.Tensor GradGuidance) Run(Func<torch.Tensor, torch.Tensor, torch.Tensor> propagate)
        {
            torch.Tensor ownX = x.clone().requires_grad_(), ownGuidance = guidance.clone().requires_grad_();
            torch.Tensor h = propagate(ownX, ownGuidance);
            h.backward([gradient]);
            return (h.detach(), ownX.grad!, ownGuidance.grad!);
        }

        var options = new PropagationOptions { Directions = ScanDirections.LeftToRight };
        var expected = Run((a, b) => SpatialPropagation.Propagate(a, b, options));
        var actual = Run(TensorOps.Propagate);
        Assert.True(expected.H.allclose(actual.H, 0, 1e-12));
        Assert.True(expected.GradX.allclose(actual.GradX, 0, 1e-12));
        Assert.True(expected.GradGuidance.allclose(actual.GradGuidance, 0, 1e-12));
    }

    [Fact]
    public void Differences_are_of_the_largest_value_and_NaN_is_one()
    {
        Assert.Equal(0.5 / 4, RoundCheck.Difference([1, -4, 2], [1, -4, 2.5f]));
        Assert.Equal(0.25, RoundCheck.Difference([0, 0], [0.25f, 0]));
        Assert.True(double.IsNaN(RoundCheck.Difference([1, 2, 3], [1, float.NaN, 3])));
    }
}
