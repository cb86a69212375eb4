using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Spn.Extensions.DependencyInjection;
using Spn.Server;
using Spn.Server.Limits;
using Spn.Server.Metrics;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds what the endpoints of Spn need to an app's services.</summary>
public static class SpnServerServiceCollectionExtensions
{
    /// <summary>The name and the tag of the health check.</summary>
    internal const string HealthCheck = "spn-server";

    /// <summary>Adds the services of <c>MapSpnServer</c>, with the default limits.</summary>
    /// <param name="services">The services.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddSpnServer(this IServiceCollection services) => services.AddSpnServer(static _ => { });

    /// <summary>Adds the services of <c>MapSpnServer</c>. The limits are validated at the start of the host.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes the limits.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddSpnServer(this IServiceCollection services, Action<SpnServerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<SpnServerOptions>().Configure(configure).ValidateOnStart();
        if (services.Any(service => service.ServiceType == typeof(Refiners)))
            return services; // a second call changes the limits only: a health check must not be there twice
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SpnServerOptions>, SpnServerOptionsValidator>());
        services.TryAddSingleton<Refiners>();
        services.TryAddSingleton<Models>();
        services.TryAddSingleton<MemoryBudget>();
        services.TryAddSingleton<Calls>();
        services.TryAddSingleton<CallQueue>();
        services.TryAddSingleton<Instruments>();
        services.AddRoutingCore().AddMetrics();
        services.AddHealthChecks().Add(new HealthCheckRegistration(
            HealthCheck, provider => new SpnRefinerHealthCheck(provider.GetRequiredService<Refiners>().Idle), failureStatus: null,
            tags: [HealthCheck], timeout: TimeSpan.FromSeconds(10)));
        return services;
    }
}
