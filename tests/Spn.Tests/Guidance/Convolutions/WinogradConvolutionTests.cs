using Spn.Guidance.Convolutions;
using Spn.Propagation.Cpu;
using Spn.Simd;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Spn.Tests.Guidance.Convolutions;

/// <summary>
/// A convolution by Winograd's filtering is the plain one, for every vector width and at strips', groups' of rows and vectors' ends. What rounding may do is measured against double precision, in units of the sum
/// of all products' sizes, the largest of a group's rows: what they read goes into each of them, and out again.
/// </summary>
public sealed class WinogradConvolutionTests : IDisposable
{
    private const float Rounding = 2e-6f;

    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<int, int, int, int, int> Cases
        => OnePass.Cases((1, 4, 1, 1), (3, 8, 2, 5), (16, 16, 4, 16), (16, 4, 5, 17), (2, 12, 33, 129), (16, 16, 35, 128), (32, 4, 31, 260), (96, 96, 6, 7), (160, 160, 5, 200)); // the last in strips of 96 columns

    public void Dispose() => _scope.Dispose();

    [Theory, MemberData(nameof(Cases))]
    public void Winograd_is_plain(int level, int inputs, int outputs, int height, int width) => AssertPlain((SimdLevel)level, inputs, outputs, height, width, dilation: 1);

    [Theory]
    [InlineData(2, 1, 1)]
    [InlineData(2, 9, 130)]
    [InlineData(2, 35, 16)]
    [InlineData(4, 3, 5)]
    [InlineData(4, 33, 132)]
    [InlineData(8, 70, 9)]
    public void Dilated_it_is_plain_too(int dilation, int height, int width)
    {
        foreach (SimdLevel level in Enum.GetValues<SimdLevel>().Where(SimdLevels.IsSupported))
            AssertPlain(level, 6, 8, height, width, dilation);
    }

    [Fact]
    public void Nothing_added_is_zero_added()
    {
        Tensor input = Seeded.Randn(1, [1, 5, 9, 11]), weight = Seeded.Randn(2, [4, 5, 3, 3]), bias = Seeded.Randn(3, [4]);
        Assert.Equal(
            Convolve(input, weight, bias, zeros(1, 4, 9, 11), SimdLevels.Best).bytes.ToArray(), Convolve(input, weight, bias, null, SimdLevels.Best).bytes.ToArray());
    }

    [Fact]
    public void A_NaN_stays_within_its_kernel_and_its_group_of_rows()
    {
        Tensor input = Seeded.Randn(4, [1, 4, 16, 20]), weight = Seeded.Randn(5, [4, 4, 3, 3]), bias = Seeded.Randn(6, [4]);
        input[0, 1, 6, 9] = float.NaN;
        Tensor nan = Convolve(input, weight, bias, null, SimdLevels.Best).isnan();
        Assert.True(nan[0, 0, 6, 9].item<bool>());
        Assert.Equal(nan.sum().item<long>(), nan.narrow(2, 4, 4).narrow(3, 8, 3).sum().item<long>());
    }

    [Theory]
    [InlineData(16, 16, 1, true)]
    [InlineData(512, 512, 1, true)]
    [InlineData(512, 516, 1, false)] // of so many maps not even 32 columns stay in the caches
    [InlineData(16, 6, 1, false)] // results come in fours
    [InlineData(16, 16, 8, true)]
    [InlineData(16, 16, 3, false)] // strips would cut a group of rows
    [InlineData(16, 16, 16, false)]
    public void Fits_where_it_can_work_and_the_caches_hold_it(long inputs, long outputs, long dilation, bool fits) => Assert.Equal(fits, WinogradRows.Fits(inputs, outputs, dilation));

    [Fact]
    public void Maps_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Convolve(zeros(1, 3, 4, 4), zeros(4, 4, 3, 3), zeros(4), null, SimdLevels.Best));
        Assert.Throws<ArgumentException>(() => Convolve(zeros(1, 4, 4, 4), zeros(4, 4, 3, 3), zeros(4), zeros(1, 4, 4, 5), SimdLevels.Best));
        Assert.Throws<InvalidOperationException>(() => WinogradRows.Weights(zeros(4, 4, 3, 3, float64)));
    }

    private static void AssertPlain(SimdLevel level, int inputs, int outputs, int height, int width, int dilation)
    {
        Tensor input = Seeded.Randn(7, [2, inputs + 1, height, width]).narrow(1, 1, inputs);
        Tensor weight = Seeded.Randn(8, [outputs, inputs, 3, 3]), bias = Seeded.Randn(9, [outputs]);
        Tensor added = Seeded.Randn(10, [2, outputs + 2, height, width]).narrow(1, 0, outputs);
        Tensor plain = InDouble(input, weight, bias).relu().add(added), products = InDouble(input.abs(), weight.abs(), bias.abs());
        Tensor sizes = nn.functional.max_pool2d(products, [6 * dilation + 1, 1], [1, 1], [3 * dilation, 0]).add(added.abs());
        Tensor result = Convolve(input, weight, bias, added, level, dilation);
        Assert.Equal(plain.shape, result.shape);
        Assert.InRange(result.sub(plain).abs().div(sizes).max().item<double>(), 0, Rounding);

        Tensor InDouble(Tensor x, Tensor w, Tensor b)
            => nn.functional.conv2d(x.to(float64), w.to(float64), b.to(float64), padding: [dilation, dilation], dilation: [dilation, dilation]);
    }

    private static Tensor Convolve(Tensor input, Tensor weight, Tensor bias, Tensor? added, SimdLevel level, int dilation = 1)
        => WinogradConvolution.Forward(input, WinogradRows.Weights(weight), WinogradRows.Bias(bias), dilation, added, level, threads: 3);
}
