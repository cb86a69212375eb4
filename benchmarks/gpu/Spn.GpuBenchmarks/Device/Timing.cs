namespace Spn.GpuBenchmarks.Device;

/// <summary>Measured times, in microseconds.</summary>
/// <param name="Median">The median run.</param>
/// <param name="First">The first quartile.</param>
/// <param name="Third">The third quartile.</param>
/// <param name="Runs">The number of runs.</param>
internal sealed record Timing(double Median, double First, double Third, int Runs)
{
    public static Timing Of(IEnumerable<double> microseconds)
    {
        double[] sorted = [.. microseconds.Order()];
        return new Timing(Quantile(sorted, 0.5), Quantile(sorted, 0.25), Quantile(sorted, 0.75), sorted.Length);
    }

    /// <summary>The time per call, if each run consisted of several calls.</summary>
    public Timing Per(int calls) => new(Median / calls, First / calls, Third / calls, Runs);

    // Interpolates between the two nearest runs.
    private static double Quantile(double[] sorted, double share)
    {
        double at = share * (sorted.Length - 1);
        int below = (int)at, above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }
}
