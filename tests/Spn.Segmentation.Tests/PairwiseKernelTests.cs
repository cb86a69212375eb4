using Xunit;

namespace Spn.Segmentation.Tests;

public sealed class PairwiseKernelTests
{
    [Fact]
    public void Features_are_divided_by_their_deviations()
    {
        float[] pixels = [0, 1, 0.2f, 0.4f, 0, 0, 1, 1, 0.5f, 0.5f, 0.5f, 0.5f];
        PairwiseKernel position = PairwiseKernel.Position(2, 2, deviation: 4, weight: 3);
        Assert.Equal([0, 0, 0.25f, 0, 0, 0.25f, 0.25f, 0.25f], position.Features.ToArray());
        Assert.Equal((2, 3f), (position.Dimensions, position.Weight));

        PairwiseKernel appearance = PairwiseKernel.Appearance(pixels, 2, 2, positionDeviation: 2, colorDeviation: 51, weight: 10);
        Assert.Equal([0.5f, 0.5f, 2f, 5f, 2.5f], appearance.Features[15..].ToArray(), (a, b) => Math.Abs(a - b) < 1e-6f);
        Assert.Equal((5, 10f), (appearance.Dimensions, appearance.Weight));
    }

    [Fact]
    public void Features_are_copied()
    {
        float[] features = [1, 2];
        var kernel = new PairwiseKernel(features, 1, 1);
        features[0] = 5;
        Assert.Equal([1, 2], kernel.Features.ToArray());
    }

    [Fact]
    public void Wrong_values_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("dimensions", () => new PairwiseKernel([1, 2], 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>("dimensions", () => new PairwiseKernel(new float[65], 65, 1));
        Assert.Throws<ArgumentException>("features", () => new PairwiseKernel([], 1, 1));
        Assert.Throws<ArgumentException>("features", () => new PairwiseKernel([1, 2, 3], 2, 1));
        foreach (float wrong in new[] { float.NaN, float.PositiveInfinity, -2e6f })
        {
            Assert.Throws<ArgumentException>("features", () => new PairwiseKernel([0, wrong], 2, 1));
            Assert.Throws<ArgumentOutOfRangeException>("weight", () => new PairwiseKernel([0, 1], 2, wrong));
            Assert.Throws<ArgumentOutOfRangeException>("deviation", () => PairwiseKernel.Position(4, 4, wrong, 1));
            Assert.Throws<ArgumentOutOfRangeException>("positionDeviation", () => PairwiseKernel.Appearance(new float[48], 4, 4, wrong, 1, 1));
            Assert.Throws<ArgumentOutOfRangeException>("colorDeviation", () => PairwiseKernel.Appearance(new float[48], 4, 4, 1, wrong, 1));
        }
        Assert.Throws<ArgumentOutOfRangeException>("width", () => PairwiseKernel.Position(0, 4, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>("height", () => PairwiseKernel.Position(4, -1, 1, 1));
        Assert.Throws<ArgumentException>("width", () => PairwiseKernel.Appearance([], 10_000, 10_000, 1, 1, 1));
        Assert.Throws<ArgumentException>("pixels", () => PairwiseKernel.Appearance(new float[47], 4, 4, 1, 1, 1));
        Assert.Throws<ArgumentException>("pixels", () => PairwiseKernel.Appearance([0, 0, float.NaN], 1, 1, 1, 1, 1));
    }

    /// <summary>The largest coordinates still fit into the lattice's integers.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(64)]
    public void The_largest_features_are_filtered(int dimensions)
    {
        float[] features = [.. Enumerable.Range(0, 4 * dimensions).Select(i => i / dimensions % 2 == 0 ? 1e6f : -1e6f)];
        var crf = new DenseCrf(new DenseCrfOptions { Iterations = 1 });
        ClassProbabilities refined = crf.Refine(
            ClassProbabilities.FromPixels([0.9f, 0.3f, 0.5f, 0.5f, 0.1f, 0.7f, 0.5f, 0.5f], 2, 2, 2), [new(features, dimensions, 2)]);
        // Pixels 0 and 2 have equal features, and so have 1 and 3: the message is the mean of two.
        double mean = (0.9 + 0.5) / 2, expected = 0.9 * Math.Exp(2 * mean) / (0.9 * Math.Exp(2 * mean) + 0.1 * Math.Exp(2 * (1 - mean)));
        Assert.Equal(expected, refined.Pixels[0], 1e-4);
    }
}
