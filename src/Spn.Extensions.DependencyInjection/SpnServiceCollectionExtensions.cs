using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Spn;
using Spn.Extensions.DependencyInjection;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds refiners to an app's services.</summary>
public static class SpnServiceCollectionExtensions
{
    /// <summary>
    /// Adds a <see cref="Refiner"/> as a singleton. It is built on first use and disposed with the container. Its options are validated at
    /// the start of the host.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddSpnRefiner(this IServiceCollection services) => services.AddSpnRefiner(static _ => { });

    /// <param name="services">The services.</param>
    /// <param name="configure">Changes the options.</param>
    /// <inheritdoc cref="AddSpnRefiner(IServiceCollection)"/>
    public static IServiceCollection AddSpnRefiner(this IServiceCollection services, Action<SpnRefinerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        return services.Add(key: null, options => options.Configure(configure));
    }

    /// <param name="services">The services.</param>
    /// <param name="section">A section of the configuration with the options, for example <c>GetSection("Spn")</c>.</param>
    /// <inheritdoc cref="AddSpnRefiner(IServiceCollection)"/>
    public static IServiceCollection AddSpnRefiner(this IServiceCollection services, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(section);
        return services.Add(key: null, options => options.Bind(section));
    }

    /// <summary>
    /// Adds a <see cref="Refiner"/> as a singleton with a key, for apps with several. It is built on first use and disposed with the
    /// container. Its options are validated at the start of the host.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="key">The key of the service, which is also the name of its options; not empty.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddKeyedSpnRefiner(this IServiceCollection services, string key)
        => services.AddKeyedSpnRefiner(key, static _ => { });

    /// <param name="services">The services.</param>
    /// <param name="key">The key of the service, which is also the name of its options; not empty.</param>
    /// <param name="configure">Changes the options.</param>
    /// <inheritdoc cref="AddKeyedSpnRefiner(IServiceCollection, string)"/>
    public static IServiceCollection AddKeyedSpnRefiner(this IServiceCollection services, string key, Action<SpnRefinerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentNullException.ThrowIfNull(configure);
        return services.Add(key, options => options.Configure(configure));
    }

    /// <param name="services">The services.</param>
    /// <param name="key">The key of the service, which is also the name of its options; not empty.</param>
    /// <param name="section">A section of the configuration with the options.</param>
    /// <inheritdoc cref="AddKeyedSpnRefiner(IServiceCollection, string)"/>
    public static IServiceCollection AddKeyedSpnRefiner(this IServiceCollection services, string key, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentNullException.ThrowIfNull(section);
        return services.Add(key, options => options.Bind(section));
    }

    private static IServiceCollection Add(
        this IServiceCollection services, string? key, Action<OptionsBuilder<SpnRefinerOptions>> configure)
    {
        string name = key ?? Options.Options.DefaultName;
        configure(services.AddOptions<SpnRefinerOptions>(name).ValidateOnStart());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SpnRefinerOptions>, SpnRefinerOptionsValidator>());
        return key is null
            ? services.AddSingleton(provider => Build(provider, name))
            : services.AddKeyedSingleton(key, (provider, _) => Build(provider, name));
    }

    private static Refiner Build(IServiceProvider provider, string name)
    {
        SpnRefinerOptions options = provider.GetRequiredService<IOptionsMonitor<SpnRefinerOptions>>().Get(name);
        ILogger logger = provider.GetService<ILoggerFactory>()?.CreateLogger("Spn") ?? NullLogger.Instance;
        long start = Stopwatch.GetTimestamp();
        try
        {
            Refiner refiner = options.Build();
            logger.RefinerBuilt(Title(name), options.Model, refiner.Device, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            return refiner;
        }
        catch (Exception e)
        {
            logger.RefinerNotBuilt(Title(name), options.Model, e);
            throw;
        }
    }

    private static string Title(string name) => name.Length == 0 ? "default" : name;
}
