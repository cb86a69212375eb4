using Spn.Training.Optimization;
using TorchSharp;
using Xunit;

namespace Spn.Training.Tests.Optimization;

/// <summary>AdamW against the paper's formulas (algorithm 2), a number at a time in double precision.</summary>
public sealed class AdamWTests
{
    private const double Beta1 = 0.9, Beta2 = 0.99, Epsilon = 1e-8;
    private static readonly double[] s_start = [1, -2, 0.5, 3, -0.25], s_decayed = [1, 1, 0, 0, 1];

    [Theory]
    [InlineData(0, double.PositiveInfinity)]
    [InlineData(0.1, double.PositiveInfinity)]
    [InlineData(0, 1)]
    [InlineData(0.1, 1)]
    [InlineData(0.1, 1e6)]
    public void Steps_are_those_of_the_paper(double weightDecay, double maxNorm)
    {
        using torch.Tensor start = Vector(s_start), decayed = Vector(s_decayed);
        using var optimizer = new AdamW(start, decayed, weightDecay, maxNorm);
        double[] weights = [.. s_start], mean = new double[5], square = new double[5];
        var random = new Random(4);
        for (int step = 0; step < 30; step++)
        {
            double rate = 0.05 / (1 + 0.1 * step);
            // Norms on both sides of 1.
            double[] gradient = [.. weights.Select(_ => (random.NextDouble() - 0.4) * (step % 3 == 0 ? 0.2 : 5))];
            using torch.Tensor given = Vector(gradient), norm = optimizer.Step(given, step, rate);

            double length = Math.Sqrt(gradient.Sum(g => g * g)), shrunk = Math.Min(1, maxNorm / length);
            Assert.Equal(length, norm.item<float>(), 1e-5 * length);
            for (int i = 0; i < weights.Length; i++)
            {
                double g = gradient[i] * shrunk;
                mean[i] = Beta1 * mean[i] + (1 - Beta1) * g;
                square[i] = Beta2 * square[i] + (1 - Beta2) * g * g;
                double unbiasedMean = mean[i] / (1 - Math.Pow(Beta1, step + 1)), unbiasedSquare = square[i] / (1 - Math.Pow(Beta2, step + 1));
                weights[i] -= rate * (unbiasedMean / (Math.Sqrt(unbiasedSquare) + Epsilon) + weightDecay * s_decayed[i] * weights[i]);
            }
            // Float32 over 30 steps of about 0.05.
            float[] actual = optimizer.Weights.data<float>().ToArray();
            for (int i = 0; i < weights.Length; i++)
                Assert.Equal(weights[i], actual[i], 1e-5);
        }
    }

    [Fact]
    public void Decay_is_decoupled_from_the_gradient()
    {
        using torch.Tensor start = Vector(s_start), decayed = Vector(s_decayed);
        using var optimizer = new AdamW(start, decayed, 0.1, 1);
        for (int step = 0; step < 3; step++)
        {
            using torch.Tensor none = torch.zeros(5), norm = optimizer.Step(none, step, 0.5);
            Assert.Equal(0, norm.item<float>());
        }

        // Without a gradient each step takes rate · decay = 5 % of what decays, and nothing else happens.
        float[] actual = optimizer.Weights.data<float>().ToArray();
        for (int i = 0; i < actual.Length; i++)
            Assert.Equal(s_start[i] * (s_decayed[i] == 0 ? 1 : 0.857375), actual[i], 1e-6);
    }

    private static torch.Tensor Vector(double[] values) => torch.tensor([.. values.Select(v => (float)v)]);
}
