using Xunit;

namespace Spn.Tests.Refinement;

public sealed class MemoryEstimateTests
{
    [Fact]
    public void It_grows_with_the_work_and_tiles_bound_it()
    {
        using Refiner whole = SpnRefiner.Configure().OnCpu().WithoutTiles().Build(), tiled = SpnRefiner.Configure().OnCpu().Build();
        using Refiner quality = SpnRefiner.Configure().OnCpu().WithModel(SpnModel.Quality).Build();
        using Refiner edges = SpnRefiner.Configure().OnCpu().WithMethod(new EdgeGuidance()).Build();
        long small = tiled.EstimateMemory(512, 512);
        Assert.InRange(small, 20L << 20, 120L << 20);
        Assert.True(tiled.EstimateMemory(512, 512, 21) > small + 21 * 3 * 4 * 512 * 512 - (8 << 20));
        Assert.True(quality.EstimateMemory(512, 512) > small);
        Assert.InRange(edges.EstimateMemory(512, 512), 12L * 4 * 512 * 512, 120L << 20);
        Assert.True(tiled.EstimateMemory(12_000, 8000) < whole.EstimateMemory(12_000, 8000) / 3);
        Assert.Throws<ArgumentOutOfRangeException>("masks", () => tiled.EstimateMemory(10, 10, 0));
        Assert.Throws<ArgumentOutOfRangeException>("width", () => tiled.EstimateMemory(20_000, 20_000));
    }
}
