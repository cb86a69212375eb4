using Xunit;

namespace Spn.Segmentation.Tests;

public sealed class DenseCrfOptionsTests
{
    [Fact]
    public void The_settings_are_those_of_the_papers()
    {
        Assert.Equal((5, 10, 80, 13, 3, 3), Numbers(DenseCrfOptions.KrahenbuhlKoltun));
        Assert.Equal((10, 4, 49, 5, 3, 3), Numbers(DenseCrfOptions.DeepLabV1));
        Assert.Equal((10, 4, 65, 3, 2, 2), Numbers(DenseCrfOptions.DeepLabVgg16));
        Assert.Equal((10, 4, 67, 3, 3, 1), Numbers(DenseCrfOptions.DeepLabResNet101));
        Assert.Equal(DenseCrfOptions.DeepLabResNet101, new DenseCrfOptions());
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(-1f)]
    [InlineData(float.PositiveInfinity)]
    public void Values_out_of_range_are_refused(float wrong)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new DenseCrfOptions { AppearanceWeight = wrong });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DenseCrfOptions { SmoothnessWeight = wrong });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DenseCrfOptions { AppearancePosition = wrong });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DenseCrfOptions { AppearanceColor = wrong });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DenseCrfOptions { SmoothnessPosition = wrong });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DenseCrfOptions { SmoothnessPosition = 0 });
    }

    [Fact]
    public void Counts_out_of_range_are_refused()
    {
        foreach (int wrong in new[] { int.MinValue, 0, 1025, int.MaxValue })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new DenseCrfOptions { Threads = wrong });
            Assert.Throws<ArgumentOutOfRangeException>(() => new DenseCrfOptions { Iterations = wrong });
        }
    }

    private static (int, float, float, float, float, float) Numbers(DenseCrfOptions options)
        => (options.Iterations, options.AppearanceWeight, options.AppearancePosition, options.AppearanceColor,
            options.SmoothnessWeight, options.SmoothnessPosition);
}
