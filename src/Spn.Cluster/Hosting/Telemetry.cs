using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Spn.Cluster.Hosting;

/// <summary>Sends metrics and traces to a collector, if OpenTelemetry's variables name one.</summary>
internal static class Telemetry
{
    private static readonly string[] s_endpoints =
        ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

    public static void AddTo(IServiceCollection services)
    {
        if (!s_endpoints.Any(HasValue))
            return;
        OpenTelemetryBuilder builder = services.AddOpenTelemetry();
        if (!HasValue("OTEL_SERVICE_NAME"))
            builder.ConfigureResource(resource => resource.AddService("spn-cluster"));
        builder
            .WithMetrics(metrics => metrics.AddMeter("Spn", "Spn.Orleans", "Microsoft.Orleans"))
            .WithTracing(traces => traces.AddSource(
                "Spn", "Spn.Orleans", "Microsoft.Orleans.Runtime", "Microsoft.Orleans.Application"))
            .UseOtlpExporter();
    }

    private static bool HasValue(string variable) => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable));
}
