using Spn.Metrics;

namespace Spn.Paper.Report;

/// <summary>The confusion of one system on every test image, and figures with bootstrap standard errors over the images.</summary>
/// <param name="images">One matrix per image.</param>
internal sealed class Scores(IReadOnlyList<ConfusionMatrix> images)
{
    private const int Resamples = 200, Seed = 1;

    /// <summary>A figure of all images together, in percent.</summary>
    public double Of(Func<ConfusionMatrix, double> figure) => 100 * figure(Sum(Enumerable.Range(0, images.Count)));

    /// <summary>The standard deviation of the figure when images are drawn with replacement, in percent.</summary>
    public double ErrorOf(Func<ConfusionMatrix, double> figure)
    {
        var random = new Random(Seed);
        double[] figures = new double[Resamples];
        for (int i = 0; i < Resamples; i++)
            figures[i] = 100 * figure(Sum(Enumerable.Range(0, images.Count).Select(_ => random.Next(images.Count))));
        double mean = figures.Average();
        return Math.Sqrt(figures.Average(value => (value - mean) * (value - mean)));
    }

    private ConfusionMatrix Sum(IEnumerable<int> drawn)
    {
        var sum = new ConfusionMatrix(images[0].Classes);
        foreach (int image in drawn)
            sum.Add(images[image]);
        return sum;
    }
}
