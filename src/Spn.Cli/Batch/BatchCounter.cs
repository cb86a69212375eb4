using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Spn.Cli.Batch;

/// <summary>How far a batch is. Thread-safe.</summary>
/// <param name="total">The number of photos.</param>
internal sealed class BatchCounter(int total)
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly ConcurrentDictionary<string, string> _failures = new(StringComparer.Ordinal);
    private int _refined, _skipped;

    public int Total => total;

    public int Refined => _refined;

    /// <summary>Photos that an earlier run has done.</summary>
    public int Skipped => _skipped;

    /// <summary>Photo and reason, sorted by photo.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Failures => [.. _failures.OrderBy(failure => failure.Key, StringComparer.Ordinal)];

    public int Finished => _refined + _skipped + _failures.Count;

    public TimeSpan Elapsed => _watch.Elapsed;

    public double ImagesPerSecond => _refined / Math.Max(1e-3, Elapsed.TotalSeconds);

    /// <summary>Rate and remaining time, once something was refined.</summary>
    public string Pace
    {
        get
        {
            if (_refined == 0)
                return "";
            string rate = string.Create(CultureInfo.InvariantCulture, $"{ImagesPerSecond:F1} per second");
            return Finished < total ? $"{rate}, {Format(TimeSpan.FromSeconds((total - Finished) / ImagesPerSecond))} left" : rate;
        }
    }

    public void AddRefined() => Interlocked.Increment(ref _refined);

    public void AddSkipped() => Interlocked.Increment(ref _skipped);

    public void AddFailure(string photo, string reason) => _failures[photo] = reason;

    /// <summary>Minutes and seconds, with hours if there are any.</summary>
    public static string Format(TimeSpan time)
        => time.TotalHours >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time:mm\\:ss}")
            : time.ToString(@"m\:ss", CultureInfo.InvariantCulture);
}
