using Spn.Training.Samples;
using Xunit;

namespace Spn.Training.Tests.Samples;

public sealed class LossWeightsTests
{
    [Theory]
    // Away from the boundary: 1, also for a wrong pixel.
    [InlineData(1, 1, false, 0, 1)]
    [InlineData(0, 1, false, 0, 1)]
    [InlineData(0, 0.25, false, 0, 1)]
    // Near it 2 more, and 2 more where the coarse mask is right: less the further it is off, none from a quarter on.
    [InlineData(1, 1, true, 0, 5)]
    [InlineData(1, 0.875, true, 0, 4)]
    [InlineData(1, 0.75, true, 0, 3)]
    [InlineData(1, 0.5, true, 0, 3)]
    [InlineData(0, 1, true, 0, 3)]
    // Nothing where the truth is unknown; half known counts as unknown.
    [InlineData(1, 1, true, 255, 0)]
    [InlineData(0, 1, false, 128, 0)]
    [InlineData(0, 1, false, 127, 1)]
    public void The_weight_of_a_pixel_depends_on_the_band_and_the_coarse_error(float truth, float coarse, bool band, byte ignored, float expected)
    {
        float[] weights = new float[1];
        LossWeights.Fill([truth], [band], [ignored], [coarse], weights);
        Assert.Equal(expected, weights[0]);
        if (ignored == 0)
        {
            LossWeights.Fill([truth], [band], [], [coarse], weights);
            Assert.Equal(expected, weights[0]);
        }
    }

    [Fact]
    public void The_band_reaches_four_pixels_to_either_side()
    {
        const int size = 20;
        byte[] halves = [.. Enumerable.Range(0, size * size).Select(i => (byte)(i % size < 10 ? 255 : 0))];
        bool[] band = LossWeights.Band(halves, size);
        for (int i = 0; i < band.Length; i++)
            Assert.Equal(i % size is >= 6 and <= 13, band[i]);
    }

    [Fact]
    public void The_band_contains_pixels_whose_square_has_both_sides()
    {
        const int size = 23;
        var random = new Random(9);
        byte[] mask = [.. Enumerable.Range(0, size * size).Select(_ => (byte)(random.Next(60) == 0 ? 128 : 127))];
        bool[] band = LossWeights.Band(mask, size);
        for (int i = 0; i < band.Length; i++)
        {
            IEnumerable<bool> seen = Enumerable.Range(0, mask.Length)
                .Where(j => Math.Abs(j % size - i % size) <= 4 && Math.Abs(j / size - i / size) <= 4).Select(j => mask[j] >= 128);
            Assert.Equal(seen.Distinct().Count() == 2, band[i]);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(255)]
    public void A_mask_of_one_side_has_no_band(byte value)
        => Assert.DoesNotContain(true, LossWeights.Band([.. Enumerable.Repeat(value, 100)], 10));
}
