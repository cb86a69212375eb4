using Spn.Guidance.Convolutions;
using Spn.Propagation.Cpu;
using Spn.Simd;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Spn.Tests.Guidance.Convolutions;

/// <summary>
/// The one-pass convolution of stride 2 is the plain one, for every vector width, at odd sizes and at strips', pairs' of rows and vectors' ends. What rounding may do is measured against double precision, in
/// units of the sum of all products' sizes, the largest of a row and its neighbours: the row of the input that two share goes into both, and out again.
/// </summary>
public sealed class HalvingConvolutionTests : IDisposable
{
    private const float Rounding = 2e-6f;

    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<int, int, int, int, int> Cases
        => OnePass.Cases((1, 4, 1, 1), (3, 8, 2, 5), (16, 32, 8, 32), (16, 4, 5, 17), (2, 12, 33, 257), (16, 16, 34, 258), (32, 4, 62, 515), (80, 128, 6, 7), (160, 256, 4, 150)); // the last in strips of 32 columns

    public void Dispose() => _scope.Dispose();

    [Theory, MemberData(nameof(Cases))]
    public void It_is_plain(int level, int inputs, int outputs, int height, int width)
    {
        Tensor input = Seeded.Randn(1, [2, inputs + 1, height, width]).narrow(1, 1, inputs);
        Tensor weight = Seeded.Randn(2, [outputs, inputs, 3, 3]), bias = Seeded.Randn(3, [outputs]);
        Tensor plain = InDouble(input, weight, bias).relu(), sizes = nn.functional.max_pool2d(InDouble(input.abs(), weight.abs(), bias.abs()), [3, 1], [1, 1], [1, 0]);
        Tensor result = HalvingConvolution.Forward(input, HalvingConvolution.Weights(weight), bias, (SimdLevel)level, threads: 3);
        Assert.Equal(plain.shape, result.shape);
        Assert.InRange(result.sub(plain).abs().div(sizes).max().item<double>(), 0, Rounding);
    }

    [Fact]
    public void A_NaN_stays_within_its_kernel_and_its_pair_of_rows()
    {
        Tensor input = Seeded.Randn(4, [1, 4, 16, 20]), weight = Seeded.Randn(5, [4, 4, 3, 3]);
        input[0, 1, 6, 9] = float.NaN;
        Tensor nan = HalvingConvolution.Forward(input, HalvingConvolution.Weights(weight), Seeded.Randn(6, [4]), SimdLevels.Best, threads: 1).isnan();
        Assert.True(nan[0, 0, 3, 4].item<bool>());
        Assert.Equal(nan.sum().item<long>(), nan.narrow(2, 2, 2).narrow(3, 4, 2).sum().item<long>());
    }

    [Theory]
    [InlineData(16, 32, true)]
    [InlineData(256, 256, true)]
    [InlineData(256, 260, false)] // of so many maps not even 32 columns stay in the caches
    [InlineData(16, 6, false)] // results come in fours
    public void Fits_where_it_can_work_and_the_caches_hold_it(long inputs, long outputs, bool fits) => Assert.Equal(fits, HalvingConvolution.Fits(inputs, outputs));

    [Fact]
    public void Maps_that_do_not_fit_are_refused()
        => Assert.Throws<ArgumentException>(() => HalvingConvolution.Forward(zeros(1, 3, 4, 4), HalvingConvolution.Weights(zeros(4, 4, 3, 3)), zeros(4), SimdLevels.Best, threads: 1));

    private static Tensor InDouble(Tensor x, Tensor w, Tensor b) => nn.functional.conv2d(x.to(float64), w.to(float64), b.to(float64), strides: [2, 2], padding: [1, 1]);
}
