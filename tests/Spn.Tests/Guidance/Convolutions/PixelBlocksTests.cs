using Spn.Guidance.Convolutions;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Spn.Tests.Guidance.Convolutions;

/// <summary>One pass gives bit by bit what libtorch's operations give: blocks of pixels as maps, and maps of half the size added to others.</summary>
public sealed class PixelBlocksTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<int, int, int, int> Cases => new() { { 1, 3, 16, 16 }, { 2, 3, 17, 131 }, { 3, 1, 1, 1 }, { 1, 5, 33, 7 }, { 2, 16, 20, 260 } };

    public void Dispose() => _scope.Dispose();

    [Theory, MemberData(nameof(Cases))]
    public void Blocks_are_unshuffled_pixels(int n, int c, int height, int width)
    {
        Tensor image = Seeded.Randn(1, [n, c + 1, 2 * height, 2 * width]).narrow(1, 1, c);
        AssertSame(nn.functional.pixel_unshuffle(image, 2), PixelBlocks.Split(image, threads: 3));
    }

    [Theory, MemberData(nameof(Cases))]
    public void Doubled_maps_are_added(int n, int c, int height, int width)
    {
        Tensor maps = Seeded.Randn(2, [n, c + 2, 2 * height, 2 * width]).narrow(1, 2, c);
        Tensor small = Seeded.Randn(3, [n, c + 1, height, width]).narrow(1, 0, c);
        AssertSame(DoubledMaps.Composed(maps, small), DoubledMaps.Fused(maps, small, threads: 3));
    }

    [Fact]
    public void With_gradients_both_have_one()
    {
        Tensor image = Seeded.Randn(4, [1, 3, 8, 12]).requires_grad_(), small = Seeded.Randn(5, [1, 12, 2, 3]).requires_grad_();
        DoubledMaps.Add(PixelBlocks.Maps(image), small).square().sum().backward();
        Assert.All([image, small], part => Assert.True(part.grad!.count_nonzero().item<long>() > 0));
    }

    [Fact]
    public void Maps_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(() => PixelBlocks.Split(zeros(1, 3, 5, 6), threads: 1));
        Assert.Throws<ArgumentException>(() => PixelBlocks.Split(zeros(1, 3, 4, 6, float64), threads: 1));
        Assert.Throws<ArgumentException>(() => DoubledMaps.Fused(zeros(1, 2, 8, 8), zeros(1, 2, 4, 3), threads: 1));
        Assert.ThrowsAny<Exception>(() => DoubledMaps.Composed(zeros(1, 2, 8, 8), zeros(1, 2, 4, 3)));
    }

    private static void AssertSame(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.Equal(expected.contiguous().bytes.ToArray(), actual.contiguous().bytes.ToArray());
    }
}
