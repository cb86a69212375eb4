using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using Spn.Orleans.Grains;

namespace Spn.Orleans.Silo;

/// <summary>
/// Takes shards of the running jobs while this silo has room for them. A silo asks for work when it can do some, so fast and slow machines
/// share it by themselves.
/// </summary>
internal sealed partial class SiloWorker(
    IGrainFactory grains, ILocalSiloDetails silo, ShardRoom room, IOptions<RefineSiloOptions> options, ILogger<SiloWorker> logger)
    : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _work = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle)
        => lifecycle.Subscribe(nameof(SiloWorker), ServiceLifecycleStage.Active, Start, StopAsync);

    public void Dispose() => _stop.Dispose();

    private Task Start(CancellationToken cancellation)
    {
        _work = Task.Run(() => WorkAsync(_stop.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    private async Task StopAsync(CancellationToken cancellation)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task WorkAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            bool hasWork = false;
            try
            {
                await room.WaitAsync(cancellation).ConfigureAwait(false);
                hasWork = await TakeAsync().WaitAsync(cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (!cancellation.IsCancellationRequested)
            {
                NoWork(logger, e); // the cluster or its database is not reachable now
            }
            if (!hasWork)
                await Task.Delay(options.Value.PollInterval, options.Value.Time, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<bool> TakeAsync()
    {
        foreach (string folder in await grains.GetGrain<IJobListGrain>(JobListGrain.Key).GetAsync().ConfigureAwait(false))
        {
            ShardLease? lease = await grains.GetGrain<IJobGrain>(folder).TakeAsync(silo.SiloAddress).ConfigureAwait(false);
            if (lease is null)
                continue;
            // A shard that is not active anywhere starts on this silo, because its grain prefers the caller's silo.
            await grains.GetGrain<IShardGrain>(lease.Shard, folder).StartAsync(lease.Job).ConfigureAwait(false);
            return true;
        }
        return false;
    }

    [LoggerMessage(LogLevel.Warning, "No work can be taken now.")]
    private static partial void NoWork(ILogger logger, Exception e);
}
