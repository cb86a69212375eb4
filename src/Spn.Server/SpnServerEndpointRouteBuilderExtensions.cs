using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Spn.Server;
using Spn.Server.Endpoints;
using Spn.Server.Metrics;
using Spn.Server.OpenApi;
using Spn.Server.Problems;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Adds the endpoints of Spn to an app.</summary>
public static class SpnServerEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps <c>POST /refine</c>, <c>/cutout</c>, <c>/labels</c> and <c>/affinity</c>, <c>GET /health</c>, <c>/metrics</c> and
    /// <c>/openapi.json</c>, and the page at <c>/</c>. To move them below a path, map them on a group. The app's services need
    /// <c>AddSpnServer</c>.
    /// </summary>
    /// <param name="endpoints">The app, or a group of routes.</param>
    /// <returns>All endpoints, for example to require authorization for them.</returns>
    public static IEndpointConventionBuilder MapSpnServer(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        endpoints.ServiceProvider.GetRequiredService<Instruments>(); // counts from now on

        RouteGroupBuilder group = endpoints.MapGroup("");
        RouteGroupBuilder calls = group.MapGroup("").AddEndpointFilter<ProblemFilter>();
        calls.MapPost("/refine", RefineEndpoint.HandleAsync);
        calls.MapPost("/cutout", CutOutEndpoint.HandleAsync);
        calls.MapPost("/labels", LabelsEndpoint.HandleAsync);
        calls.MapPost("/affinity", AffinityEndpoint.HandleAsync);

        group.MapHealthChecks("/health", new HealthCheckOptions
        {
            Predicate = check => check.Tags.Contains(SpnServerServiceCollectionExtensions.HealthCheck),
        });
        string[] read = [HttpMethods.Get, HttpMethods.Head];
        string description = Description.Json(endpoints.ServiceProvider.GetRequiredService<Models>());
        group.MapMethods("/metrics", read, static (Instruments instruments)
            => Results.Text(PrometheusText.Write(instruments), PrometheusText.ContentType)).ExcludeFromDescription();
        group.MapMethods("/openapi.json", read, () => Results.Text(description, "application/json")).ExcludeFromDescription();
        group.MapMethods("/", read, PageEndpoint.Page).ExcludeFromDescription();
        foreach (string name in PageEndpoint.Names)
        {
            group.MapMethods($"/{name}", read, context => PageEndpoint.File(context, name).ExecuteAsync(context))
                .ExcludeFromDescription();
        }
        return group;
    }
}
