using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace Spn.Server;

/// <summary>How masks are refined.</summary>
/// <param name="Model">The model.</param>
/// <param name="IsHard">Whether masks become zeros and ones.</param>
/// <param name="IsLimited">Whether only pixels near the coarse boundary may change.</param>
internal readonly record struct RefineSettings(SpnModel Model, bool IsHard, bool IsLimited);

/// <summary>One refiner per combination of settings. They share the weights of their models. Thread-safe.</summary>
internal sealed class Refiners(IOptions<SpnServerOptions> options) : IDisposable
{
    private readonly ConcurrentDictionary<RefineSettings, Refiner> _refiners = new();

    /// <summary>A refiner that no request uses, so that a check of it does not wait for requests.</summary>
    public Refiner Idle { get; } = SpnRefiner.Configure().WithMaxConcurrentCalls(1).Build();

    public Refiner For(RefineSettings settings) => _refiners.GetOrAdd(settings, Build);

    public void Dispose()
    {
        Idle.Dispose();
        foreach (Refiner refiner in _refiners.Values)
            refiner.Dispose();
    }

    // The queue in front of the refiners counts the calls of all of them, so none waits here.
    private Refiner Build(RefineSettings settings)
    {
        RefinerBuilder builder = SpnRefiner.Configure()
            .WithModel(settings.Model)
            .WithPixelLimit(options.Value.MaxPixels)
            .WithMaxConcurrentCalls(options.Value.MaxCalls);
        if (settings.IsHard)
            builder.WithHardOutput();
        if (settings.IsLimited)
            builder.WithChangeLimit();
        return builder.Build();
    }
}
