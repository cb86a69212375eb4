using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Spn.Extensions.DependencyInjection;
using Spn.Models;
using Xunit;

namespace Spn.Extensions.Tests;

public sealed class HealthCheckTests
{
    [Fact]
    public async Task A_working_refiner_is_healthy()
    {
        IServiceCollection services = new ServiceCollection().AddLogging()
            .AddSpnRefiner().AddKeyedSpnRefiner("quality", options => options.Model = "Quality");
        services.AddHealthChecks()
            .AddCheck<SpnRefinerHealthCheck>("spn")
            .Add(new HealthCheckRegistration(
                "quality", provider => new SpnRefinerHealthCheck(provider.GetRequiredKeyedService<Refiner>("quality")), null, null));
        using ServiceProvider provider = services.BuildServiceProvider();
        HealthReport report = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.Equal(2, report.Entries.Count);
        Assert.All(report.Entries.Values, entry => Assert.Equal(
            (HealthStatus.Healthy, "The refiner works on Cpu."), (entry.Status, entry.Description)));
    }

    [Fact]
    public async Task Wrong_results_have_the_status_asked_for()
    {
        using Refiner refiner = SpnRefiner.Configure().WithMethod(new Inverting()).Build();
        HealthCheckResult result = await Check(refiner, HealthStatus.Degraded);
        Assert.Equal(HealthStatus.Degraded, result.Status);
        Assert.Contains("wrong results", result.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refiner_that_throws_is_unhealthy()
    {
        Refiner refiner = SpnRefiner.Configure().OnCpu().Build();
        refiner.Dispose();
        HealthCheckResult result = await Check(refiner, HealthStatus.Unhealthy);
        Assert.Equal(HealthStatus.Unhealthy, result.Status);
        Assert.IsType<ObjectDisposedException>(result.Exception);
    }

    [Fact]
    public async Task A_cancelled_check_stops()
    {
        using Refiner refiner = SpnRefiner.Configure().OnCpu().Build();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Check(refiner, HealthStatus.Unhealthy, new CancellationToken(canceled: true)));
    }

    private static Task<HealthCheckResult> Check(Refiner refiner, HealthStatus failure, CancellationToken cancellation = default)
    {
        SpnRefinerHealthCheck check = new(refiner);
        HealthCheckContext context = new() { Registration = new HealthCheckRegistration("spn", check, failure, null) };
        return check.CheckHealthAsync(context, cancellation);
    }

    private sealed class Inverting : IRefinementMethod
    {
        public IGuidance Guide(ReadOnlySpan<float> image, int width, int height) => new Guidance();

        private sealed class Guidance : IGuidance
        {
            public void Propagate(ReadOnlySpan<float> masks, Span<float> refined)
            {
                for (int i = 0; i < masks.Length; i++)
                    refined[i] = 1 - masks[i];
            }

            public void Dispose()
            {
            }
        }
    }
}
