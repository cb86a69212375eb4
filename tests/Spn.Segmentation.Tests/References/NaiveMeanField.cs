namespace Spn.Segmentation.Tests.References;

/// <summary>Mean field as the paper writes it, in double precision, with any filter for the kernels.</summary>
internal static class NaiveMeanField
{
    /// <summary>K·x with the exact Gaussian kernel, in time quadratic in the number of points.</summary>
    public static Func<double[], double[]> BruteForce(PairwiseKernel kernel)
    {
        float[][] points = [.. kernel.Features.ToArray().Chunk(kernel.Dimensions)];
        double[][] matrix = [.. points.Select(a => points.Select(b => Math.Exp(-Distance(a, b) / 2)).ToArray())];
        return values => [.. matrix.Select(row => row.Zip(values, (strength, value) => strength * value).Sum())];
    }

    /// <summary>K·x on the naive lattice.</summary>
    public static Func<double[], double[]> Lattice(PairwiseKernel kernel)
    {
        NaiveLattice lattice = new(kernel.Features.ToArray(), kernel.Dimensions);
        return values => lattice.Filter(values);
    }

    /// <param name="probabilities"><c>[K, N]</c>.</param>
    /// <param name="classes">K.</param>
    /// <param name="kernels">The kernels.</param>
    /// <param name="filter">Makes a kernel's filter.</param>
    /// <param name="iterations">The number of iterations.</param>
    /// <returns><c>[K, N]</c>.</returns>
    public static double[] Run(
        float[] probabilities, int classes, IReadOnlyList<PairwiseKernel> kernels, Func<PairwiseKernel, Func<double[], double[]>> filter, int iterations)
    {
        double[][] logs = [.. probabilities.Chunk(probabilities.Length / classes).Select(p => p.Select(v => Math.Log(Math.Max(v, 1e-5))).ToArray())];
        (PairwiseKernel Kernel, Func<double[], double[]> Filter, double[] Scale)[] messages = [.. kernels.Select(kernel =>
        {
            Func<double[], double[]> plain = filter(kernel);
            double[] ones = [.. Enumerable.Repeat(1.0, kernel.Pixels)];
            return (kernel, plain, plain(ones).Select(sum => 1 / Math.Sqrt(sum + 1e-20)).ToArray());
        })];
        double[][] q = Softmax(logs);
        for (int i = 0; i < iterations; i++)
        {
            double[][] next = [.. logs.Select(plane => (double[])plane.Clone())];
            foreach ((PairwiseKernel kernel, Func<double[], double[]> plain, double[] scale) in messages)
            {
                for (int k = 0; k < classes; k++)
                {
                    double[] message = plain([.. q[k].Zip(scale, (value, factor) => value * factor)]);
                    for (int pixel = 0; pixel < message.Length; pixel++)
                        next[k][pixel] += kernel.Weight * scale[pixel] * message[pixel];
                }
            }
            q = Softmax(next);
        }
        return [.. q.SelectMany(plane => plane)];
    }

    private static double[][] Softmax(double[][] logs)
    {
        double[][] result = [.. logs.Select(plane => new double[plane.Length])];
        for (int pixel = 0; pixel < logs[0].Length; pixel++)
        {
            double max = logs.Max(plane => plane[pixel]), sum = logs.Sum(plane => Math.Exp(plane[pixel] - max));
            for (int k = 0; k < logs.Length; k++)
                result[k][pixel] = Math.Exp(logs[k][pixel] - max) / sum;
        }
        return result;
    }

    private static double Distance(float[] a, float[] b) => a.Zip(b, (x, y) => (double)(x - y) * (x - y)).Sum();
}
