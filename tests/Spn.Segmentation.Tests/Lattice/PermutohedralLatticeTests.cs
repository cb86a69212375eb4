using Spn.Segmentation.Lattice;
using Spn.Segmentation.Tests.References;
using Xunit;

namespace Spn.Segmentation.Tests.Lattice;

public sealed unsafe class PermutohedralLatticeTests
{
    [Theory]
    [InlineData(1, 0.5f)]
    [InlineData(2, 2f)]
    [InlineData(3, 1f)]
    [InlineData(5, 1f)]
    [InlineData(5, 300f)]
    [InlineData(8, 0.5f)]
    public void It_filters_as_the_naive_lattice_does(int dimensions, float spread)
    {
        const int count = 150;
        float[] points = Scenes.Points(count, dimensions, spread), values = Scenes.Points(count, 1, 1, seed: 4);
        double[] expected = new NaiveLattice(points, dimensions).Filter([.. values.Select(value => (double)value)]);
        Assert.Equal(expected, Filter(points, dimensions, values).Select(value => (double)value), (a, b) => Math.Abs(a - b) < 2e-5 * (1 + Math.Abs(a)));
    }

    /// <summary>For the worst of 4000 pairs of points, as a part of the peak. The errors average out in sums over many points.</summary>
    [Theory]
    [InlineData(2, 0.12)]
    [InlineData(3, 0.16)]
    public void It_approximates_a_Gaussian_where_points_are_dense(int dimensions, double bound)
    {
        const int count = 4000;
        float[] points = Scenes.Points(count, dimensions, spread: 1.5f), one = new float[count];
        Array.Clear(points, 0, dimensions);
        one[0] = 1;
        float[] filtered = Filter(points, dimensions, one);
        double scale = filtered[0], worst = 0;
        for (int i = 1; i < count; i++)
        {
            double distance = points.AsSpan(i * dimensions, dimensions).ToArray().Sum(value => (double)value * value);
            worst = Math.Max(worst, Math.Abs(filtered[i] / scale - Math.Exp(-distance / 2)));
        }
        Assert.InRange(worst, 0, bound);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void A_normalized_filter_keeps_constants(int dimensions)
    {
        const int count = 300;
        float[] points = Scenes.Points(count, dimensions, spread: 2);
        float[] ones = Filter(points, dimensions, [.. Enumerable.Repeat(1f, count)]);
        float[] constant = Filter(points, dimensions, [.. Enumerable.Repeat(7f, count)]);
        Assert.All(constant.Zip(ones), pair => Assert.Equal(7, pair.First / pair.Second, 1e-5));
    }

    [Fact]
    public void Corners_and_touching_points_are_the_same_pairs_in_order()
    {
        using var lattice = new PermutohedralLattice(Scenes.Points(200, 3, 1), 3, threads: 2);
        var pairs = new List<(int Vertex, int Point, float Weight)>();
        for (int point = 0; point < 200; point++)
        {
            for (int k = 0; k <= 3; k++)
                pairs.Add((lattice.Corners[4 * point + k].Index, point, lattice.Corners[4 * point + k].Weight));
            Assert.Equal(1, pairs.TakeLast(4).Sum(pair => pair.Weight), 1e-6);
        }
        Assert.All(pairs, pair => Assert.InRange(pair.Vertex, 1, lattice.Vertices - 1));
        var touching = new List<(int, int, float)>();
        for (int vertex = 0; vertex < lattice.Vertices; vertex++)
            for (int i = lattice.Starts[vertex]; i < lattice.Starts[vertex + 1]; i++)
                touching.Add((vertex, lattice.Touching[i].Index, lattice.Touching[i].Weight));
        Assert.Equal(pairs.OrderBy(pair => pair.Vertex).ThenBy(pair => pair.Point), touching);
    }

    [Fact]
    public void Neighbours_are_mutual_and_the_missing_vertex_has_none()
    {
        using var lattice = new PermutohedralLattice(Scenes.Points(500, 3, 0.7f), 3, threads: 2);
        int found = 0;
        for (int axis = 0; axis <= 3; axis++)
        {
            int* neighbors = lattice.Neighbors(axis);
            Assert.Equal((0, 0), (neighbors[0], neighbors[1]));
            for (int vertex = 1; vertex < lattice.Vertices; vertex++)
            {
                int before = neighbors[2 * vertex], after = neighbors[2 * vertex + 1];
                Assert.True(before == 0 || neighbors[2 * before + 1] == vertex);
                Assert.True(after == 0 || neighbors[2 * after] == vertex);
                found += after == 0 ? 0 : 1;
            }
        }
        Assert.True(found > lattice.Vertices);
    }

    private static float[] Filter(float[] points, int dimensions, float[] values)
    {
        using var lattice = new PermutohedralLattice(points, dimensions, threads: 2);
        using var filter = new LatticeFilter<Row4>(lattice, threads: 2);
        using var rows = new PinnedArray<float>(4L * values.Length);
        rows.Span.Clear();
        for (int i = 0; i < values.Length; i++)
            rows.Pointer[4 * i + 2] = values[i];
        filter.Run(rows.Pointer);
        float* row = stackalloc float[4];
        float[] result = new float[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            LatticeFilter<Row4>.Slice(default, lattice.Corners + i * (dimensions + 1), dimensions + 1, filter.Values).Store(row);
            Assert.Equal((0, 0, 0), (row[0], row[1], row[3]));
            result[i] = row[2];
        }
        return result;
    }
}
