using System.Diagnostics;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Xunit;

namespace Spn.Extensions.Tests;

/// <summary>The meter and the activity source, both named Spn, as listeners see them.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public async Task Metrics_count_calls_by_outcome()
    {
        using MetricCollector<double> durations = new(null, "Spn", "spn.call.duration"), waits = new(null, "Spn", "spn.call.wait"),
            pixels = new(null, "Spn", "spn.megapixels");
        using MetricCollector<long> calls = new(null, "Spn", "spn.calls");
        using MetricCollector<int> active = new(null, "Spn", "spn.calls.active");
        using Refiner refiner = SpnRefiner.Configure().OnCpu().Build();

        refiner.Refine(Inputs.Image, Inputs.Mask);
        await refiner.CutOutAsync(Inputs.Image, Inputs.Mask);
        Assert.Throws<ArgumentException>(() => refiner.Refine(Inputs.Image, MaskInput.FromPixels(new float[7].AsMemory(), 7, 1)));
        using CancellationTokenSource source = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => refiner.RefineAsync(Inputs.Image, Inputs.Mask, new Cancelling(source), source.Token));

        Assert.Equal(["ok", "ok", "refused", "cancelled"], calls.GetMeasurementSnapshot().Select(call => call.Tags["spn.outcome"]));
        Assert.Equal(
            ["Refine", "CutOutAsync", "Refine", "RefineAsync"], calls.GetMeasurementSnapshot().Select(call => call.Tags["spn.operation"]));
        Assert.All(calls.GetMeasurementSnapshot(), call => Assert.Equal((1L, "Fast"), (call.Value, call.Tags["spn.method"])));
        Assert.Equal(4, durations.GetMeasurementSnapshot().Count);
        Assert.All(durations.GetMeasurementSnapshot(), duration => Assert.InRange(duration.Value, 0, 60));
        Assert.Equal(4, waits.GetMeasurementSnapshot().Count);
        const double Megapixels = Inputs.Width * Inputs.Height / 1e6;
        Assert.Equal([Megapixels, Megapixels], pixels.GetMeasurementSnapshot().Select(call => call.Value));
        Assert.Equal([1, -1, 1, -1, 1, -1, 1, -1], active.GetMeasurementSnapshot().Select(change => change.Value));
    }

    [Fact]
    public async Task A_trace_has_the_call_below_its_callers_span()
    {
        List<Activity> spans = [];
        using ActivitySource app = new("app");
        using TracerProvider provider = Sdk.CreateTracerProviderBuilder().AddSource("app", "Spn").AddInMemoryExporter(spans).Build();
        using Refiner refiner = SpnRefiner.Configure().OnCpu().Build();
        using (Activity? request = app.StartActivity("request"))
        {
            refiner.Refine(Inputs.Image, new[] { Inputs.Mask, Inputs.Mask });
            Assert.Same(request, Activity.Current);
            Assert.Throws<FileNotFoundException>(() => refiner.Refine("missing.png", Inputs.Mask));
            await refiner.RefineAsync(Inputs.Image, Inputs.Mask);
        }
        provider.ForceFlush();

        Assert.Equal(["Spn.Refine", "Spn.Refine", "Spn.RefineAsync", "request"], spans.Select(span => span.DisplayName));
        Assert.All(spans[..3], span => Assert.Equal(spans[3].SpanId, span.ParentSpanId));
        Activity refined = spans[0], refused = spans[1];
        Assert.Equal(ActivityStatusCode.Unset, refined.Status);
        Assert.Equal(
            ("Fast", "Cpu", "ok"), (refined.GetTagItem("spn.method"), refined.GetTagItem("spn.device"), refined.GetTagItem("spn.outcome")));
        Assert.Equal(
            (Inputs.Width * Inputs.Height, 2, 1), (refined.GetTagItem("spn.pixels"), refined.GetTagItem("spn.masks"), refined.GetTagItem("spn.tiles")));
        Assert.Equal("turn", Assert.Single(refined.Events).Name);
        Assert.Equal(ActivityStatusCode.Error, refused.Status);
        Assert.Equal(("System.IO.FileNotFoundException", "refused"), (refused.GetTagItem("error.type"), refused.GetTagItem("spn.outcome")));
    }

    [Fact]
    public void OpenTelemetry_exports_the_metrics()
    {
        List<Metric> metrics = [];
        using MeterProvider provider = Sdk.CreateMeterProviderBuilder().AddMeter("Spn").AddInMemoryExporter(metrics).Build();
        using Refiner refiner = SpnRefiner.Configure().OnCpu().Build();
        refiner.Refine(Inputs.Image, Inputs.Mask);
        provider.ForceFlush();
        Assert.Equal(
            ["spn.call.duration", "spn.call.wait", "spn.calls", "spn.calls.active", "spn.megapixels"],
            metrics.Select(metric => metric.Name).Order(StringComparer.Ordinal));
        Assert.Equal("s", metrics.Single(metric => metric.Name == "spn.call.duration").Unit);
    }

    private sealed class Cancelling(CancellationTokenSource source) : IProgress<RefineProgress>
    {
        public void Report(RefineProgress value) => source.Cancel();
    }
}
