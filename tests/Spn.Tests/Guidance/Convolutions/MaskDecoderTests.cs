using Spn.Guidance;
using Spn.Guidance.Convolutions;
using Spn.Propagation.Cpu;
using Spn.Simd;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace Spn.Tests.Guidance.Convolutions;

/// <summary>The one-pass form of the last steps is libtorch's operations, for every vector width, at strips', rows' and vectors' ends and on masks that are all the way 0 or 1.</summary>
public sealed class MaskDecoderTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<int, int, int, int, int> Cases => OnePass.Cases((16, 1, 1, 1), (4, 2, 3, 7), (16, 1, 33, 128), (8, 3, 64, 131), (1, 2, 31, 300), (32, 1, 70, 17));

    public void Dispose() => _scope.Dispose();

    [Theory, MemberData(nameof(Cases))]
    public void Fused_is_composed(int level, int maps, int masks, int height, int width)
    {
        using Conv2d convolution = Seeded.Module(7, () => nn.Conv2d(maps, MaskDecoder.Outputs, 3, padding: 1));
        using var noGrad = no_grad();
        Tensor input = Seeded.Randn(1, [masks, 3 + maps, height, width]).narrow(1, 2, maps).mul(tensor(3f)), scale = tensor([0.7f]);
        Tensor mask = Seeded.Rand(2, [masks, 1, 2 * height, 2 * width]).mul(tensor(1.4f)).sub(tensor(0.2f)).clamp(tensor(0f), tensor(1f));
        Tensor expected = MaskDecoder.Composed(convolution, input, mask, scale), fused = MaskDecoder.Fused(convolution, input, mask, scale, (SimdLevel)level, threads: 3);
        Assert.Equal(expected.shape, fused.shape);
        Assert.InRange(fused.sub(expected).abs().max().item<float>(), 0, 2e-5f);
    }

    [Fact]
    public void Strided_maps_give_what_dense_ones_give()
    {
        using Conv2d convolution = Seeded.Module(8, () => nn.Conv2d(6, MaskDecoder.Outputs, 3, padding: 1));
        using var noGrad = no_grad();
        Tensor maps = Seeded.Randn(3, [1, 7, 9, 6]).permute(0, 3, 1, 2);
        Tensor mask = Seeded.Rand(4, [1, 1, 18, 14]).transpose(2, 3).contiguous().transpose(2, 3), scale = ones(1);
        Tensor strided = MaskDecoder.Forward(convolution, maps.transpose(2, 3), mask, scale), dense = MaskDecoder.Forward(convolution, maps.transpose(2, 3).contiguous(), mask.contiguous(), scale);
        Assert.Equal(dense.bytes.ToArray(), strided.contiguous().bytes.ToArray());
    }

    [Fact]
    public void In_training_every_part_has_a_gradient()
    {
        using Conv2d convolution = Seeded.Module(9, () => nn.Conv2d(4, MaskDecoder.Outputs, 3, padding: 1));
        Tensor maps = Seeded.Randn(5, [2, 4, 3, 3]).requires_grad_(), masks = Seeded.Rand(6, [2, 1, 6, 6]);
        Tensor scale = ones(1, requires_grad: true);
        MaskDecoder.Forward(convolution, maps, masks, scale).sum().backward();
        Assert.All([maps, scale, convolution.weight, convolution.bias!], part => Assert.True(part.grad!.count_nonzero().item<long>() > 0));
    }
}
