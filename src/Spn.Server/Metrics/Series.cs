namespace Spn.Server.Metrics;

/// <summary>The measurements of one instrument with the same labels. Thread-safe.</summary>
/// <param name="bounds">The upper bounds of a histogram's buckets; <see langword="null"/> for sums.</param>
internal sealed class Series(IReadOnlyList<double>? bounds)
{
    private readonly Lock _lock = new();
    private readonly long[] _counts = new long[bounds is null ? 0 : bounds.Count + 1];
    private double _sum;

    public void Add(double value)
    {
        int bucket = 0;
        while (bounds is not null && bucket < bounds.Count && value > bounds[bucket])
            bucket++;
        lock (_lock)
        {
            _sum += value;
            if (bounds is not null)
                _counts[bucket]++;
        }
    }

    /// <summary>The sum, and for histograms the number of measurements up to each bound; the last bound is infinite.</summary>
    public (double Sum, (double Bound, long Count)[] Buckets) Read()
    {
        double sum;
        long[] counts;
        lock (_lock)
            (sum, counts) = (_sum, [.. _counts]);
        long total = 0;
        return (sum, [.. counts.Select((count, i) => (i < bounds!.Count ? bounds[i] : double.PositiveInfinity, total += count))]);
    }
}
