using Spn.Segmentation.Lattice;
using Spn.Segmentation.Tests.References;
using Xunit;

namespace Spn.Segmentation.Tests.Lattice;

public sealed class SimplexTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(9)]
    public void A_point_is_the_weighted_mean_of_its_corners(int dimensions)
    {
        var simplex = new Simplex(dimensions);
        float[] points = Scenes.Points(500, dimensions, spread: 20);
        foreach (float[] point in points.Chunk(dimensions))
        {
            simplex.Enclose(point);
            double[] expected = NaiveLattice.Elevate(point), mean = new double[dimensions + 1];
            for (int k = 0; k <= dimensions; k++)
            {
                Assert.InRange(simplex.Weights[k], -1e-9, 1 + 1e-9);
                int[] corner = Corner(simplex, k);
                Assert.Equal(0, corner.Sum());
                Assert.All(corner, value => Assert.Equal(k, (value % (dimensions + 1) + dimensions + 1) % (dimensions + 1)));
                for (int i = 0; i <= dimensions; i++)
                    mean[i] += simplex.Weights[k] * corner[i];
            }
            Assert.Equal(1, simplex.Weights.Take(dimensions + 1).Sum(), 1e-9);
            for (int i = 0; i <= dimensions; i++)
                Assert.Equal(expected[i], mean[i], 1e-6);
        }
    }

    [Fact]
    public void A_vertex_has_all_the_weight_of_a_point_on_it()
    {
        var simplex = new Simplex(5);
        simplex.Enclose([0, 0, 0, 0, 0]);
        Assert.Equal(1, simplex.Weights[0], 1e-12);
        Assert.All(simplex.Remainder0, value => Assert.Equal(0, value));
        Assert.Equal([0, 1, 2, 3, 4, 5], simplex.Rank.Order());
    }

    private static int[] Corner(Simplex simplex, int k)
    {
        int d = simplex.Rank.Length - 1;
        return [.. simplex.Remainder0.Select((value, i) => value + (simplex.Rank[i] <= d - k ? k : k - (d + 1)))];
    }
}
