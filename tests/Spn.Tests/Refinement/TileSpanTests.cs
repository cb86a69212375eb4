using Spn.Models;
using Spn.Refinement;
using Xunit;

namespace Spn.Tests.Refinement;

/// <summary>How tiles cover an axis.</summary>
public sealed class TileSpanTests
{
    public static TheoryData<int, int, int> Sizes
    {
        get
        {
            var sizes = new TheoryData<int, int, int>();
            foreach (int margin in new[] { 0, 64, 128, 256, 384 })
                foreach (int more in new[] { 0, 36, 100, 500 })
                    foreach (int length in new[] { 1, 300, 833, 1537, 4000, 10007 })
                        sizes.Add(length, TileSpan.MinSide(margin) + more, margin);
            return sizes;
        }
    }

    [Theory, MemberData(nameof(Sizes))]
    public void Tiles_cover_an_axis_with_weights_that_sum_to_one(int length, int side, int margin)
    {
        TileSpan[] spans = TileSpan.Cover(length, side, margin);
        double[] sum = new double[length];
        foreach (TileSpan span in spans)
        {
            Assert.InRange(span.Length, 1, side);
            Assert.True(span.Begin % ITiledMethod.Grid == 0 && (span.End % ITiledMethod.Grid == 0 || span.End == length), $"{span} lies on the grid");
            float[] weights = span.Weights();
            for (int i = 0; i < weights.Length; i++)
            {
                Assert.InRange(weights[i], 0, 1);
                sum[span.Begin + i] += weights[i];
                // What counts lies seven eighths of a margin inside, but for the image's border.
                if ((span.Begin > 0 && i < margin * 7 / 8) || (span.End < length && i >= span.Length - margin * 7 / 8))
                    Assert.Equal(0, weights[i]);
            }
        }
        Assert.All(sum, value => Assert.Equal(1, value, 1e-6));
        Assert.Equal(length <= side, spans.Length == 1);
    }

    [Fact]
    public void The_fewest_tiles_are_taken()
    {
        Assert.Equal(2, TileSpan.Cover(2000, 1536, 256).Length);
        Assert.Equal(3, TileSpan.Cover(3000, 1536, 256).Length);
        Assert.Equal(4, TileSpan.Cover(4000, 1536, 256).Length);
    }
}
