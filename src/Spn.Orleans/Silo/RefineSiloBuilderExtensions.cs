using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using Spn.Orleans;
using Spn.Orleans.Refinement;
using Spn.Orleans.Silo;

namespace Orleans.Hosting;

/// <summary>Adds refinement jobs to a silo.</summary>
public static class RefineSiloBuilderExtensions
{
    /// <summary>
    /// Lets a silo work on jobs. It also needs a grain storage with the name <see cref="RefineJobs.GrainStorageName"/>.
    /// </summary>
    /// <param name="silo">The silo.</param>
    /// <param name="storage">Where images, masks and outputs are, the same for all silos.</param>
    /// <param name="configure">Changes the options.</param>
    /// <returns>The silo.</returns>
    public static ISiloBuilder AddRefineJobs(this ISiloBuilder silo, IJobStorage storage, Action<RefineSiloOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(silo);
        ArgumentNullException.ThrowIfNull(storage);
        OptionsBuilder<RefineSiloOptions> options = silo.Services.AddOptions<RefineSiloOptions>()
            .Validate(
                value => value is { MaxConcurrency: >= 1, ShardsPerSilo: >= 1 },
                "RefineSiloOptions: MaxConcurrency and ShardsPerSilo must be 1 or more.")
            .Validate(
                value => value.SaveInterval > TimeSpan.Zero && value.PollInterval > TimeSpan.Zero
                    && value.LeaseTime >= 2 * value.SaveInterval,
                "RefineSiloOptions: SaveInterval and PollInterval must be above 0, and LeaseTime at least twice SaveInterval.");
        if (configure is not null)
            options.Configure(configure);
        silo.Services.AddSingleton(storage);
        silo.Services.TryAddSingleton<IItemRefiner, ItemRefiner>();
        silo.Services.AddSingleton<ShardRoom>();
        silo.Services.AddSingleton<ItemGate>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, SiloWorker>();
        return silo;
    }
}
