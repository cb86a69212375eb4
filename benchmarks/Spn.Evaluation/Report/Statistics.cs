namespace Spn.Evaluation.Report;

/// <summary>The mean and its standard error.</summary>
internal readonly record struct Statistics(double Mean, double StandardError)
{
    public static Statistics Of(IReadOnlyCollection<double> values)
    {
        double mean = values.Average();
        double variance = values.Count > 1 ? values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1) : 0;
        return new Statistics(mean, Math.Sqrt(variance / values.Count));
    }
}
