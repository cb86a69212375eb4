using Spn.Guidance;
using Spn.Guidance.Convolutions;
using Spn.Propagation.Cpu;
using Spn.Simd;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace Spn.Tests.Guidance.Convolutions;

/// <summary>The one-pass form is libtorch's operations, for every vector width, at strips' and vectors' ends; and a convolution of 2x2 with stride 2.</summary>
public sealed class BlockConvolutionTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<int, int, int, int, int> Cases => OnePass.Cases((20, 80, 5, 16), (1, 4, 1, 1), (3, 8, 9, 129), (28, 112, 6, 37), (5, 4, 3, 270));

    public void Dispose() => _scope.Dispose();

    [Theory, MemberData(nameof(Cases))]
    public void Fused_is_composed(int level, int maps, int outputs, int height, int width)
    {
        using Conv2d convolution = Seeded.Module(3, () => nn.Conv2d(4 * maps, outputs, 1));
        using var noGrad = no_grad();
        Tensor input = Seeded.Randn(1, [2, maps + 3, 2 * height, 2 * width]).narrow(1, 2, maps);
        Tensor expected = BlockConvolution.Composed(convolution, input), fused = BlockConvolution.Fused(convolution, input, (SimdLevel)level, threads: 3);
        Assert.Equal(expected.shape, fused.shape);
        Assert.True(expected.allclose(fused, rtol: 0, atol: 2e-5), $"{expected.sub(fused).abs().max().item<float>()}");
    }

    [Fact]
    public void It_is_a_convolution_of_stride_2()
    {
        using Conv2d convolution = Seeded.Module(4, () => nn.Conv2d(12, 4, 1));
        using var noGrad = no_grad();
        Tensor input = Seeded.Randn(2, [1, 3, 10, 14]);
        Tensor strided = nn.functional.conv2d(input, convolution.weight.view(4, 3, 2, 2), convolution.bias, strides: [2, 2]);
        Assert.True(strided.allclose(BlockConvolution.Forward(convolution, input), rtol: 0, atol: 2e-5));
    }
}
