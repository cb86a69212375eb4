using Spn.Metrics;
using Xunit;

namespace Spn.Tests.Metrics;

public sealed class BoundaryBandsTests
{
    /// <summary>Rows of OpenCV's MORPH_ELLIPSE of size 2r + 1, written out (getStructuringElement, 4.13).</summary>
    [Theory]
    [InlineData(1, new[] { 0, 1, 0 })]
    [InlineData(2, new[] { 0, 2, 2, 2, 0 })]
    [InlineData(3, new[] { 0, 2, 3, 3, 3, 2, 0 })]
    [InlineData(4, new[] { 0, 3, 3, 4, 4, 4, 3, 3, 0 })]
    public void The_element_is_OpenCVs_ellipse(int radius, int[] halfWidths) => Assert.Equal(halfWidths, BoundaryBands.EllipseHalfWidths(radius));

    [Fact]
    public void A_lone_pixel_has_the_element_itself_as_its_band()
    {
        byte[] pixels = new byte[5 * 5];
        pixels[2 * 5 + 2] = 255;
        byte[] band = new BoundaryBands(BinaryMask.From(pixels, 5, 5)).WithRadius(1);
        Assert.Equal<byte>([0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0], band);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 40)]
    [InlineData(40, 1)]
    [InlineData(67, 23)]
    [InlineData(33, 64)]
    public void Bands_equal_the_brute_force_gradient(int width, int height)
    {
        var random = new Random(width * 100 + height);
        foreach (double density in new[] { 0.5, 0.05, 0.98 })
        {
            bool[] inside = [.. Enumerable.Range(0, width * height).Select(_ => random.NextDouble() < density)];
            var bands = new BoundaryBands(BinaryMask.From(inside, width, height));
            foreach (int radius in new[] { 1, 2, 3, 7, 12 })
                Assert.Equal(BruteForce(inside, width, height, radius), bands.WithRadius(radius));
        }
    }

    [Fact]
    public void A_radius_below_one_is_refused()
        => Assert.Throws<ArgumentOutOfRangeException>(() => new BoundaryBands(BinaryMask.From([true], 1, 1)).WithRadius(0));

    /// <summary>Dilation minus erosion, element pixel by element pixel; outside the image nothing is looked at.</summary>
    private static byte[] BruteForce(bool[] inside, int width, int height, int radius)
    {
        byte[] band = new byte[inside.Length];
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
            {
                bool dilated = false, eroded = true;
                for (int dy = -radius; dy <= radius; dy++)
                {
                    int halfWidth = (int)Math.Round(Math.Sqrt(radius * radius - dy * dy), MidpointRounding.ToEven);
                    for (int dx = -halfWidth; dx <= halfWidth; dx++)
                    {
                        if (y + dy < 0 || y + dy >= height || x + dx < 0 || x + dx >= width)
                            continue;
                        dilated |= inside[(y + dy) * width + x + dx];
                        eroded &= inside[(y + dy) * width + x + dx];
                    }
                }
                band[y * width + x] = dilated && !eroded ? (byte)1 : (byte)0;
            }
        return band;
    }
}
