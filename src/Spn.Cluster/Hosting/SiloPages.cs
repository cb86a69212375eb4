using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Dashboard;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Spn.Cluster.Hosting;

/// <summary>What a silo serves over HTTP: whether it is healthy, and the cluster's dashboard.</summary>
internal static class SiloPages
{
    private const string Text = "text/plain";

    public static void AddTo(WebApplicationBuilder builder, int port)
        => builder.WebHost.ConfigureKestrel(server => server.ListenAnyIP(port));

    public static void AddTo(ISiloBuilder silo) => silo.AddDashboard();

    public static void Map(WebApplication app)
    {
        // The server starts after the silo has joined its cluster.
        app.MapGet("/health/live", () => Answer(app, status => !status.IsTerminating()));
        app.MapGet("/health/ready", () => Answer(app, status => status == SiloStatus.Active));
        app.MapOrleansDashboard("/dashboard");
    }

    private static IResult Answer(WebApplication app, Predicate<SiloStatus> isHealthy)
    {
        SiloStatus status = app.Services.GetRequiredService<ISiloStatusOracle>().CurrentStatus;
        int code = isHealthy(status) ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return Results.Text($"{status}\n", Text, statusCode: code);
    }
}
