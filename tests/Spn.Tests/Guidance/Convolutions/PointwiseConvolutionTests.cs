using Spn.Guidance;
using Spn.Guidance.Convolutions;
using Spn.Propagation.Cpu;
using Spn.Simd;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace Spn.Tests.Guidance.Convolutions;

/// <summary>The one-pass form is libtorch's operations, for every vector width, at pieces' and vectors' ends.</summary>
public sealed class PointwiseConvolutionTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<int, int, int, int, int> Cases => OnePass.Cases((32, 16, 16, 16), (3, 4, 1, 1), (16, 8, 13, 37), (64, 32, 65, 67), (5, 12, 9, 15), (3, 16, 96, 128), (3, 16, 101, 129)); // the last two are large enough to go past the caches

    public void Dispose() => _scope.Dispose();

    [Theory, MemberData(nameof(Cases))]
    public void Fused_is_composed(int level, int inputs, int outputs, int height, int width)
    {
        using Conv2d convolution = Seeded.Module(10, () => nn.Conv2d(inputs, outputs, 1));
        using var noGrad = no_grad();
        Tensor input = Seeded.Randn(1, [6, inputs, height, width]), own = Seeded.Randn(2, [6, outputs, height, width]);
        Tensor shared = Seeded.Randn(3, [2, outputs, height, width]);
        foreach ((Tensor? a, Tensor? b, bool relu) in new[] { (null, null, false), (own, null, true), (null, shared, false), ((Tensor?)own, (Tensor?)shared, true) })
        {
            Tensor expected = PointwiseConvolution.Composed(convolution, input, a, b, relu);
            Tensor fused = PointwiseConvolution.Fused(convolution, input, a, b, relu, (SimdLevel)level, threads: 3);
            Assert.True(expected.allclose(fused, rtol: 0, atol: 2e-5), $"{expected.sub(fused).abs().max().item<float>()}");
        }
    }

    [Fact]
    public void Maps_inside_larger_tensors_are_read_in_place_and_turned_ones_copied()
    {
        using Conv2d convolution = Seeded.Module(11, () => nn.Conv2d(8, 4, 1));
        using var noGrad = no_grad();
        Tensor wide = Seeded.Randn(4, [4, 20, 6, 10]), turned = Seeded.Randn(5, [4, 6, 10, 8]).permute(0, 3, 1, 2);
        Tensor cut = Seeded.Randn(6, [4, 4, 6, 12]).narrow(3, 1, 10);
        foreach (Tensor input in new[] { wide.narrow(1, 7, 8), turned })
        {
            Tensor expected = PointwiseConvolution.Composed(convolution, input, cut, wide.narrow(0, 1, 2).narrow(1, 3, 4), relu: true);
            Tensor fused = PointwiseConvolution.Forward(convolution, input, cut, wide.narrow(0, 1, 2).narrow(1, 3, 4), relu: true);
            Assert.True(expected.allclose(fused, rtol: 0, atol: 2e-5));
        }
    }

    [Fact]
    public void In_training_every_part_has_a_gradient()
    {
        using Conv2d convolution = Seeded.Module(12, () => nn.Conv2d(8, 4, 1));
        Tensor[] parts = [Seeded.Randn(7, [4, 8, 5, 5]).requires_grad_(), Seeded.Randn(8, [4, 4, 5, 5]).requires_grad_(), Seeded.Randn(9, [2, 4, 5, 5]).requires_grad_()];
        PointwiseConvolution.Forward(convolution, parts[0], parts[1], parts[2], relu: true).sum().backward();
        Assert.All(parts.Append(convolution.weight), part => Assert.True(part.grad!.count_nonzero().item<long>() > 0));
    }
}
