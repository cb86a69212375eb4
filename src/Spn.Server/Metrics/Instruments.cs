using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Spn.Server.Metrics;

/// <summary>
/// Keeps the metrics of the refiners (meter <c>Spn</c>) and of this app's requests, for <c>GET /metrics</c>. The Prometheus exporter of
/// OpenTelemetry has no stable version. Thread-safe.
/// </summary>
internal sealed class Instruments : IDisposable
{
    private const string Requests = "Microsoft.AspNetCore.Hosting";

    // OpenTelemetry's defaults for seconds, for instruments that advise none.
    private static readonly double[] s_seconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<Instrument, ConcurrentDictionary<string, Series>> _series = new();

    /// <param name="meters">The app's own meters: other apps in the process have some of the same name.</param>
    public Instruments(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            Meter meter = instrument.Meter;
            if (meter.Name == "Spn" || meter.Name == Requests && ReferenceEquals(meter.Scope, meters))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>All instruments that were used, with their series by labels, in order.</summary>
    public IEnumerable<(Instrument Instrument, KeyValuePair<string, Series>[] Series)> All()
        => from pair in _series
           orderby pair.Key.Name
           select (pair.Key, pair.Value.OrderBy(series => series.Key, StringComparer.Ordinal).ToArray());

    public void Dispose() => _listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        => _series.GetOrAdd(instrument, static _ => new())
            .GetOrAdd(PrometheusText.Labels(tags), static (_, i) => new Series(Bounds(i)), instrument)
            .Add(value);

    private static IReadOnlyList<double>? Bounds(Instrument instrument)
        => instrument is Histogram<double> histogram ? histogram.Advice?.HistogramBucketBoundaries ?? s_seconds : null;
}
