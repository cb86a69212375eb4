using OpenCvSharp;

namespace Spn.Evaluation.Verdicts;

/// <summary>Weighted logistic regression by Newton's method, with a weak penalty on the weights of the standardized features.</summary>
internal static class LogisticRegression
{
    private const int Steps = 25;
    private const double Penalty = 1, MaxLogit = 30;

    /// <param name="samples">Features, label and weight.</param>
    /// <returns>The intercept, then the weight of each feature.</returns>
    public static double[] Fit(IReadOnlyList<(double[] Features, bool Label, double Weight)> samples)
    {
        int count = samples[0].Features.Length;
        double total = samples.Sum(sample => sample.Weight);
        double[] mean = [.. Enumerable.Range(0, count).Select(i => samples.Sum(s => s.Weight * s.Features[i]) / total)];
        double[] deviation = [.. Enumerable.Range(0, count).Select(
            i => Math.Sqrt(samples.Sum(s => s.Weight * Math.Pow(s.Features[i] - mean[i], 2)) / total) + 1e-9)];
        double[] weights = new double[count + 1];
        for (int step = 0; step < Steps; step++)
            Step(samples, mean, deviation, weights);

        double[] result = new double[count + 1];
        result[0] = weights[0];
        for (int i = 0; i < count; i++)
        {
            result[i + 1] = weights[i + 1] / deviation[i];
            result[0] -= result[i + 1] * mean[i];
        }
        return result;
    }

    private static void Step(
        IReadOnlyList<(double[] Features, bool Label, double Weight)> samples, double[] mean, double[] deviation, double[] weights)
    {
        int size = weights.Length;
        using Mat hessian = Mat.Zeros(size, size, MatType.CV_64FC1), gradient = Mat.Zeros(size, 1, MatType.CV_64FC1), change = new();
        Mat.UnsafeIndexer<double> h = hessian.GetUnsafeGenericIndexer<double>(), g = gradient.GetUnsafeGenericIndexer<double>();
        for (int i = 0; i < size; i++)
        {
            h[i, i] = i == 0 ? 1e-9 : Penalty;
            g[i, 0] = i == 0 ? 0 : -Penalty * weights[i];
        }
        double[] x = new double[size];
        x[0] = 1;
        foreach ((double[] features, bool label, double weight) in samples)
        {
            double logit = weights[0];
            for (int i = 1; i < size; i++)
                logit += weights[i] * (x[i] = (features[i - 1] - mean[i - 1]) / deviation[i - 1]);
            double p = 1 / (1 + Math.Exp(-Math.Clamp(logit, -MaxLogit, MaxLogit)));
            for (int i = 0; i < size; i++)
            {
                g[i, 0] += weight * ((label ? 1 : 0) - p) * x[i];
                for (int j = 0; j < size; j++)
                    h[i, j] += weight * p * (1 - p) * x[i] * x[j];
            }
        }
        Cv2.Solve(hessian, gradient, change, DecompTypes.Cholesky);
        for (int i = 0; i < size; i++)
            weights[i] += change.At<double>(i, 0);
    }
}
