using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Spn.Refinement;

/// <summary>
/// What traces and metrics see of a call of a refiner: an <see cref="ActivitySource"/> and a <see cref="Meter"/>, both named <c>Spn</c>
/// (docs/dependency-injection.md lists them). Without listeners it costs a few comparisons and allocates nothing.
/// </summary>
internal struct CallTelemetry
{
    public const string Name = "Spn";

    private static readonly string? s_version = typeof(CallTelemetry).Assembly.GetName().Version?.ToString(3);

    private static readonly ActivitySource s_source = new(Name, s_version);

    private static readonly Meter s_meter = new(Name, s_version);

    private static readonly InstrumentAdvice<double> s_seconds = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    };

    private static readonly Histogram<double> s_duration = s_meter.CreateHistogram(
        "spn.call.duration", "s", "The time of a call, without the wait for its turn.", advice: s_seconds);

    private static readonly Histogram<double> s_wait = s_meter.CreateHistogram(
        "spn.call.wait", "s", "How long a call waited for its turn.", advice: s_seconds);

    private static readonly Counter<long> s_calls = s_meter.CreateCounter<long>("spn.calls", "{call}", "Calls that ended.");

    private static readonly UpDownCounter<int> s_active = s_meter.CreateUpDownCounter<int>(
        "spn.calls.active", "{call}", "Calls that work, without those that wait.");

    private static readonly Counter<double> s_pixels = s_meter.CreateCounter<double>(
        "spn.megapixels", "{megapixel}", "Pixels of the images of successful calls, in millions.");

    private readonly string _operation, _method;
    private readonly Activity? _activity;
    private readonly bool _countsActive;
    private long _since;
    private bool _works;

    private CallTelemetry(string operation, string method, RefinerDevice device)
    {
        (_operation, _method) = (operation, method);
        _countsActive = s_active.Enabled;
        if (s_source.HasListeners() && (_activity = s_source.StartActivity($"{Name}.{operation}")) is not null)
        {
            _activity.SetTag("spn.operation", operation);
            _activity.SetTag("spn.method", method);
            _activity.SetTag("spn.device", device.ToString());
        }
        _since = Stopwatch.GetTimestamp();
    }

    /// <summary>Begins a call that waits for its turn.</summary>
    /// <param name="operation">The public method.</param>
    /// <param name="method">The name of the model, or the type of another method.</param>
    /// <param name="device">The device.</param>
    public static CallTelemetry Start(string operation, string method, RefinerDevice device) => new(operation, method, device);

    /// <summary>The wait for the call's turn begins now: its streams are read.</summary>
    public void Wait() => _since = Stopwatch.GetTimestamp();

    /// <summary>The call's turn has come.</summary>
    public void Begin()
    {
        long now = Stopwatch.GetTimestamp();
        if (s_wait.Enabled)
            s_wait.Record(Stopwatch.GetElapsedTime(_since, now).TotalSeconds, Tags());
        _activity?.AddEvent(new ActivityEvent("turn"));
        _since = now;
        _works = true;
        if (_countsActive)
            s_active.Add(1, Tags());
    }

    /// <summary>The call returns its result.</summary>
    public readonly void Succeed(Stages stages)
    {
        if (s_pixels.Enabled)
            s_pixels.Add(stages.Pixels / 1e6, Tags());
        if (_activity is not null)
        {
            _activity.SetTag("spn.pixels", stages.Pixels);
            _activity.SetTag("spn.masks", stages.Masks);
            _activity.SetTag("spn.tiles", stages.Tiles);
        }
        End("ok");
    }

    /// <summary>The call throws.</summary>
    public readonly void Fail(Exception exception)
    {
        string outcome = exception switch
        {
            OperationCanceledException => "cancelled",
            ArgumentException or IOException or InvalidDataException or UnauthorizedAccessException => "refused",
            _ => "failed",
        };
        if (_activity is not null && outcome != "cancelled")
        {
            _activity.SetTag("error.type", exception.GetType().FullName);
            _activity.SetStatus(ActivityStatusCode.Error, exception.Message);
        }
        End(outcome);
    }

    private readonly void End(string outcome)
    {
        if (_countsActive && _works)
            s_active.Add(-1, Tags());
        TagList tags = Tags();
        tags.Add("spn.outcome", outcome);
        if (_works && s_duration.Enabled)
            s_duration.Record(Stopwatch.GetElapsedTime(_since).TotalSeconds, tags);
        s_calls.Add(1, tags);
        _activity?.SetTag("spn.outcome", outcome);
        _activity?.Dispose();
    }

    private readonly TagList Tags() => new() { { "spn.operation", _operation }, { "spn.method", _method } };
}
