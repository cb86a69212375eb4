using Spn.Guidance;
using Spn.Guidance.Convolutions;
using Spn.Propagation.Cpu;
using Spn.Simd;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace Spn.Tests.Guidance.Convolutions;

/// <summary>The one-pass form of the first convolution is libtorch's operations, for every vector width, at strips', rows' and vectors' ends.</summary>
public sealed class MaskLookTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<int, int, int, int, int> Cases => OnePass.Cases((16, 8, 1, 1), (4, 4, 3, 7), (16, 8, 33, 128), (8, 4, 64, 131), (12, 8, 31, 300), (4, 12, 70, 17), (16, 8, 96, 128)); // the last is large enough to go past the caches

    public void Dispose() => _scope.Dispose();

    [Theory, MemberData(nameof(Cases))]
    public void Fused_is_composed(int level, int seeing, int encoding, int height, int width)
    {
        using Conv2d convolution = Seeded.Module(7, () => nn.Conv2d(1, seeing + encoding, 4, stride: 2, padding: 1));
        using var noGrad = no_grad();
        Tensor masks = Seeded.Rand(1, [6, 1, 2 * height, 2 * width]);
        Tensor features = Seeded.Randn(2, [2, 5 + seeing, height, width]).narrow(1, 3, seeing);
        Tensor expected = MaskLook.Composed(convolution, masks, features), fused = MaskLook.Fused(convolution, masks, features, (SimdLevel)level, threads: 3);
        Assert.Equal(expected.shape, fused.shape);
        Assert.True(expected.allclose(fused, rtol: 0, atol: 2e-5), $"{expected.sub(fused).abs().max().item<float>()}");
    }

    [Fact]
    public void Turned_masks_are_copied()
    {
        using Conv2d convolution = Seeded.Module(8, () => nn.Conv2d(1, 8, 4, stride: 2, padding: 1));
        using var noGrad = no_grad();
        Tensor masks = Seeded.Rand(3, [2, 1, 12, 18]).transpose(2, 3), features = Seeded.Randn(4, [1, 9, 6, 4]).permute(0, 3, 1, 2);
        Assert.True(MaskLook.Composed(convolution, masks, features).allclose(MaskLook.Forward(convolution, masks, features), rtol: 0, atol: 2e-5));
    }

    [Fact]
    public void In_training_every_part_has_a_gradient()
    {
        using Conv2d convolution = Seeded.Module(9, () => nn.Conv2d(1, 8, 4, stride: 2, padding: 1));
        Tensor masks = Seeded.Rand(5, [4, 1, 6, 6]).requires_grad_(), features = Seeded.Randn(6, [2, 4, 3, 3]).requires_grad_();
        MaskLook.Forward(convolution, masks, features).sum().backward();
        Assert.All([masks, features, convolution.weight, convolution.bias!], part => Assert.True(part.grad!.count_nonzero().item<long>() > 0));
    }
}
