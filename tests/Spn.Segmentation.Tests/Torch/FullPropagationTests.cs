using Spn.Propagation;
using Spn.Segmentation.Torch;
using Spn.Torch;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Spn.Segmentation.Tests.Torch;

public sealed class FullPropagationTests : IDisposable
{
    private const int Height = 5, Width = 7;

    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<ScanDirections> Directions =>
        [ScanDirections.LeftToRight, ScanDirections.RightToLeft, ScanDirections.TopToBottom, ScanDirections.BottomToTop];

    public void Dispose() => _scope.Dispose();

    /// <summary>With connections to the three nearest pixels of the line before only, it is the library's operator.</summary>
    [Theory]
    [MemberData(nameof(Directions))]
    public void With_three_neighbours_it_is_the_three_way_connection(ScanDirections direction)
    {
        Tensor x = Seeded.Randn(1, [2, 3, Height, Width]), raw = Seeded.Randn(2, [2, 3, Height, Width]);
        Tensor expected = SpatialPropagation.Propagate(x, raw, new PropagationOptions { Directions = direction });
        bool horizontal = direction is ScanDirections.LeftToRight or ScanDirections.RightToLeft;
        (int lines, int length) = horizontal ? (Width, Height) : (Height, Width);
        Tensor guidance = full([2, lines, length, length], float.NegativeInfinity);
        for (int t = 0; t < lines; t++)
        {
            for (int i = 0; i < length; i++)
            {
                for (int k = -1; k <= 1; k++)
                {
                    Tensor gate = raw.select(1, k + 1).select(horizontal ? 2 : 1, t).select(1, i);
                    if (i + k >= 0 && i + k < length)
                        guidance.select(1, t).select(1, i).select(1, i + k).copy_(gate);
                }
            }
        }
        Assert.True(expected.allclose(FullPropagation.Propagate(x, guidance, direction), 1e-5, 1e-5));
    }

    [Theory]
    [MemberData(nameof(Directions))]
    public void A_constant_stays_constant(ScanDirections direction)
    {
        bool horizontal = direction is ScanDirections.LeftToRight or ScanDirections.RightToLeft;
        long[] shape = horizontal ? [1, Width, Height, Height] : [1, Height, Width, Width];
        Tensor x = full([1, 2, Height, Width], 3f);
        Assert.True(x.allclose(FullPropagation.Propagate(x, Seeded.Randn(1, shape), direction), 1e-5, 1e-5));
    }

    /// <summary>Two lines of two pixels: with equal guidance every pixel gets a third of itself and of each pixel before.</summary>
    [Fact]
    public void Every_pixel_reaches_every_pixel_of_the_next_line()
    {
        Tensor x = tensor(new float[] { 3, 0, 6, 9 }).reshape(1, 1, 2, 2);
        float[] expected = [3, (0 + 3 + 6) / 3f, 6, (9 + 3 + 6) / 3f];
        Tensor result = FullPropagation.Propagate(x, zeros(1, 2, 2, 2), ScanDirections.LeftToRight);
        Assert.Equal(expected, result.data<float>().ToArray(), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void Gradients_are_right()
    {
        Tensor x = Seeded.Randn(1, [1, 1, 3, 4]).to(float64).requires_grad_();
        Tensor raw = Seeded.Randn(2, [1, 4, 3, 3]).to(float64).requires_grad_();
        Tensor weights = Seeded.Randn(3, [1, 1, 3, 4]).to(float64);
        Loss().backward();
        foreach (Tensor value in new[] { x, raw })
        {
            using IDisposable noGradient = no_grad();
            Tensor direction = Seeded.Randn(4, value.shape).to(float64).mul(tensor(1e-5));
            double got = value.grad!.mul(direction).sum().item<double>();
            value.sub_(direction.neg());
            double above = Loss().item<double>();
            value.sub_(direction).sub_(direction);
            Assert.Equal((above - Loss().item<double>()) / 2, got, 1e-9);
            value.sub_(direction.neg());
        }

        Tensor Loss() => FullPropagation.Propagate(x, raw, ScanDirections.RightToLeft).mul(weights).sum();
    }

    [Fact]
    public void Wrong_arguments_are_refused()
    {
        Tensor x = zeros(1, 1, Height, Width);
        Assert.Throws<ArgumentException>("direction", () => FullPropagation.Propagate(x, x, ScanDirections.All));
        Tensor vertical = zeros(1, Height, Width, Width);
        Assert.Throws<ArgumentException>("guidance", () => FullPropagation.Propagate(x, vertical, ScanDirections.LeftToRight));
        Assert.Throws<ArgumentNullException>("guidance", () => FullPropagation.Propagate(x, null!, ScanDirections.LeftToRight));
    }
}
