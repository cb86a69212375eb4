using Spn.Segmentation.Tests.References;
using Xunit;

namespace Spn.Segmentation.Tests.MeanField;

/// <summary>Mean field through the public class, against the naive references.</summary>
public sealed class MeanFieldInferenceTests
{
    private const int Size = 24;

    /// <summary>Rows of every width, with and without padding, and several blocks.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(13)]
    [InlineData(21)]
    [InlineData(24)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(70)]
    public void It_equals_the_naive_mean_field_on_the_naive_lattice(int classes)
    {
        const int size = 10;
        float[] noisy = Scenes.Noisy(size, classes);
        PairwiseKernel[] kernels =
        [
            PairwiseKernel.Position(size, size, deviation: 2, weight: 1.5f),
            PairwiseKernel.Appearance(Scenes.Picture(size), size, size, positionDeviation: 5, colorDeviation: 20, weight: 4),
        ];
        double[] expected = NaiveMeanField.Run(noisy, classes, kernels, NaiveMeanField.Lattice, iterations: 3);
        Assert.Equal(expected, Refine(noisy, classes, size, kernels, iterations: 3), (a, b) => Math.Abs(a - b) < 2e-5);
    }

    /// <summary>
    /// What the lattice's approximation costs, on an image on which brute force is possible: in the papers' settings, which decide almost
    /// every pixel, and with weights so low that most pixels stay undecided.
    /// </summary>
    [Theory]
    [InlineData(10, 80, 13, 3, 3)]
    [InlineData(4, 65, 3, 2, 2)]
    [InlineData(4, 67, 3, 3, 1)]
    [InlineData(1, 10, 20, 1, 2)]
    [InlineData(1, 10, 20, 0, 1)]
    [InlineData(0, 1, 1, 1, 3)]
    public void It_is_close_to_brute_force(
        float appearanceWeight, float appearancePosition, float appearanceColor, float smoothnessWeight, float smoothnessPosition)
    {
        const int iterations = 5;
        float[] noisy = Scenes.Noisy(Size, 3);
        PairwiseKernel[] kernels =
        [
            PairwiseKernel.Position(Size, Size, smoothnessPosition, smoothnessWeight),
            PairwiseKernel.Appearance(Scenes.Picture(Size), Size, Size, appearancePosition, appearanceColor, appearanceWeight),
        ];
        double[] expected = NaiveMeanField.Run(noisy, 3, kernels, NaiveMeanField.BruteForce, iterations);
        double[] errors = [.. expected.Zip(Refine(noisy, 3, Size, kernels, iterations), (a, b) => Math.Abs(a - b))];
        double changed = expected.Zip(noisy, (a, b) => Math.Abs(a - b)).Average();
        Assert.True(changed > 0.03, "The CRF has nothing to do.");
        Assert.InRange(errors.Average(), 0, 0.003);
        Assert.InRange(errors.Max(), 0, 0.02);
    }

    /// <summary>Without neighbours each pixel's only message is its own distribution: Q ← softmax(log p + w·Q).</summary>
    [Fact]
    public void Pixels_far_apart_see_only_themselves()
    {
        const float weight = 2;
        float[] noisy = Scenes.Noisy(Size, 3), far = [.. Enumerable.Range(0, Size * Size).Select(i => 100f * i)];
        double[] expected = NaiveMeanField.Run(noisy, 3, [new(far, 1, weight)], _ => values => values, iterations: 4);
        Assert.Equal(expected, Refine(noisy, 3, Size, [new(far, 1, weight)], iterations: 4), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    /// <summary>With equal features every message is the mean distribution: Q ← softmax(log p + w·mean Q).</summary>
    [Fact]
    public void Pixels_with_equal_features_see_the_mean()
    {
        const float weight = 3;
        float[] noisy = Scenes.Noisy(Size, 3), equal = [.. Enumerable.Repeat(4.2f, 2 * Size * Size)];
        double[] expected = NaiveMeanField.Run(
            noisy, 3, [new(equal, 2, weight)], _ => values => [.. Enumerable.Repeat(values.Sum(), values.Length)], iterations: 4);
        Assert.Equal(expected, Refine(noisy, 3, Size, [new(equal, 2, weight)], iterations: 4), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void Without_kernels_the_probabilities_are_only_normalized()
    {
        float[] halved = [.. Scenes.Noisy(Size, 3).Select(value => value / 2)];
        Assert.Equal(halved.Select(value => 2.0 * value), Refine(halved, 3, Size, [], iterations: 5), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    private static double[] Refine(float[] values, int classes, int size, PairwiseKernel[] kernels, int iterations)
    {
        var crf = new DenseCrf(new DenseCrfOptions { Iterations = iterations });
        ClassProbabilities refined = crf.Refine(ClassProbabilities.FromPixels(values, classes, size, size), kernels);
        return [.. refined.Pixels.ToArray().Select(value => (double)value)];
    }
}
