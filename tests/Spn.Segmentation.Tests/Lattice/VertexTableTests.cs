using Spn.Segmentation.Lattice;
using Xunit;

namespace Spn.Segmentation.Tests.Lattice;

public sealed class VertexTableTests
{
    [Fact]
    public void Vertices_keep_their_numbers_while_the_table_grows()
    {
        const int count = 100_000;
        var table = new VertexTable(2);
        for (int i = 0; i < count; i++)
            Assert.Equal(i + 1, Add(table, [i % 331 - 165, i / 331]));
        for (int i = 0; i < count; i++)
            Assert.Equal(i + 1, Add(table, [i % 331 - 165, i / 331]));
        Assert.Equal(count, table.Count);
        Assert.Equal(0, table.Find([1000, 0], table.HashOf([1000, 0])));
        Assert.Equal([-165, 1], table.Key(332).ToArray());
    }

    [Fact]
    public void Equal_hashes_do_not_confuse_vertices()
    {
        var table = new VertexTable(3);
        Assert.Equal(1, table.Add([1, 2, 3], 42));
        Assert.Equal(2, table.Add([3, 2, 1], 42));
        Assert.Equal(1, table.Find([1, 2, 3], 42));
        Assert.Equal(2, table.Find([3, 2, 1], 42));
        Assert.Equal(0, table.Find([0, 0, 0], 42));
    }

    [Fact]
    public void A_step_changes_the_hash_by_its_factor()
    {
        var table = new VertexTable(4);
        ulong hash = table.HashOf([5, -7, 0, 2]);
        Assert.Equal(table.HashOf([6, -7, 0, 2]), hash + table.Factor(0));
        Assert.Equal(table.HashOf([6, -6, 1, 3]), hash + table.FactorSum);
        Assert.Equal(0ul, table.Factor(4));
    }

    private static int Add(VertexTable table, int[] key) => table.Add(key, table.HashOf(key));
}
