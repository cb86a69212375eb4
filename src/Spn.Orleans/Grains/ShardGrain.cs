using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Storage;
using Spn.Orleans.Jobs;
using Spn.Orleans.Refinement;
using Spn.Orleans.Silo;

namespace Spn.Orleans.Grains;

/// <summary>A shard of a job: its number, and the job's folder.</summary>
[Alias("spn.shard-grain")]
internal interface IShardGrain : IGrainWithIntegerCompoundKey
{
    /// <summary>Begins to refine the shard, unless it is refined already.</summary>
    [Alias("start")]
    Task StartAsync(Job job);
}

/// <inheritdoc cref="IShardGrain"/>
/// <remarks>
/// There is one activation of a shard in the cluster. If a network fault makes two for a while, both write the same outputs, and the
/// state's ETag stops one of them. Masks are refined on the thread pool; everything else runs on the grain's scheduler, one step at a time.
/// </remarks>
[PreferLocalPlacement]
internal sealed partial class ShardGrain(
    [PersistentState("shard", RefineJobs.GrainStorageName)] IPersistentState<ShardState> state, IJobStorage storage,
    IItemRefiner refiner, ShardRoom room, ILocalSiloDetails silo, IOptions<RefineSiloOptions> options, ILogger<ShardGrain> logger)
    : Grain, IShardGrain, IDisposable
{
    private CancellationTokenSource _stop = new();
    private Task _run = Task.CompletedTask;
    private ShardState _shard = new();
    private IReadOnlyList<ManifestItem> _items = [];
    private string?[] _hashes = [];
    private int _next;
    private bool _hasChanged;

    public async Task StartAsync(Job job)
    {
        if (_stop.IsCancellationRequested)
            await _run; // it was cancelled and is resumed
        if (_run.IsCompleted)
        {
            _stop.Dispose();
            _stop = new CancellationTokenSource();
            _run = RunAsync(job);
        }
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _run.WaitAsync(cancellationToken);
    }

    public void Dispose() => _stop.Dispose();

    private async Task RunAsync(Job job)
    {
        int shard = (int)this.GetPrimaryKeyLong(out _);
        room.Enter();
        try
        {
            JobFolder files = new(storage, job.Folder);
            _items = await files.ReadItemsAsync(shard, _stop.Token);
            (_hashes, _next) = (new string?[_items.Count], 0);
            _shard = state.State.Copy();
            _shard.Begin(_items.Count);
            _hasChanged = true;
            await SaveAsync();
            if (_shard.IsCareful())
                await RefineCarefullyAsync(job);
            else
                await RefineAsync(job);
            await files.WriteResultsAsync(shard, await CollectAsync(job), _stop.Token);
            while (!await TryReportAsync(job, isFinished: true))
                await Task.Delay(options.Value.SaveInterval, _stop.Token);
            await state.ClearStateAsync(); // the results hold everything
        }
        catch (InconsistentStateException e)
        {
            LostShard(logger, shard, job.Folder, e);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            await RestAsync();
        }
        catch (Exception e)
        {
            StoppedShard(logger, shard, job.Folder, e);
            await RestAsync();
            await TryReportAsync(job, problem: e.Message);
        }
        finally
        {
            room.Leave();
            DeactivateOnIdle();
        }
    }

    /// <summary>Refines what is left, as many items at a time as the silo takes.</summary>
    private async Task RefineAsync(Job job)
    {
        Task work = Task.WhenAll(Enumerable.Range(0, options.Value.MaxConcurrency).Select(_ => RefineNextAsync(job)));
        try
        {
            while (await Task.WhenAny(work, Task.Delay(options.Value.SaveInterval)) != work)
            {
                DelayDeactivation(options.Value.LeaseTime);
                await SaveAsync();
                await TryReportAsync(job);
            }
        }
        catch
        {
            await _stop.CancelAsync();
            throw;
        }
        finally
        {
            await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
        await work;
    }

    private async Task RefineNextAsync(Job job)
    {
        while (_next < _items.Count)
        {
            int item = _next++;
            if (_shard.IsDecided(item))
                continue;
            try
            {
                await RefineAsync(job, item);
            }
            catch
            {
                await _stop.CancelAsync(); // what concerns one item only is a result, so this concerns all
                throw;
            }
        }
    }

    /// <summary>Refines what is left one by one. The state names the item, in case that it ends the process.</summary>
    private async Task RefineCarefullyAsync(Job job)
    {
        for (int item = 0; item < _items.Count; item++)
        {
            if (_shard.IsDecided(item))
                continue;
            _shard.Watch(item);
            _hasChanged = true;
            await SaveAsync();
            await RefineAsync(job, item);
            await TryReportAsync(job);
            DelayDeactivation(options.Value.LeaseTime);
        }
        _shard.Rest();
    }

    private async Task RefineAsync(Job job, int item)
    {
        CancellationToken stop = _stop.Token;
        ItemResult result = await Task.Run(() => refiner.RefineAsync(job, _items[item], stop), stop);
        _shard.Record(item, result);
        _hashes[item] = result.Hash;
        _hasChanged = true;
    }

    /// <summary>The results of all items. Hashes of an earlier activation are read from the outputs.</summary>
    private async Task<ResultLine[]> CollectAsync(Job job)
    {
        ResultLine[] results = new ResultLine[_items.Count];
        for (int item = 0; item < results.Length; item++)
        {
            if (!_shard.Failures.ContainsKey(item))
                _hashes[item] ??= await storage.ReadAsync(_items[item].Output, _stop.Token) is { } found ? ContentHash.Of(found) : null;
            if (_hashes[item] is null && !_shard.Failures.ContainsKey(item))
                await RefineAsync(job, item); // somebody removed the output
            ItemStatus status = _shard.Failures.ContainsKey(item) ? ItemStatus.Failed
                : _shard.Done.Has(item) ? ItemStatus.Done
                : ItemStatus.Skipped;
            results[item] = ResultLine.Of(_items[item], new ItemResult(status, _hashes[item], _shard.Failures.GetValueOrDefault(item)));
        }
        return results;
    }

    private async Task SaveAsync()
    {
        if (!_hasChanged)
            return;
        _hasChanged = false;
        try
        {
            state.State = _shard.Copy();
            await state.WriteStateAsync();
        }
        catch (Exception e) when (e is not InconsistentStateException)
        {
            _hasChanged = true; // the next time; if this process ends before, the items' outputs are found again
            NotSaved(logger, this.GetPrimaryKeyString(), e);
        }
    }

    /// <summary>The shard stops in good order.</summary>
    private async Task RestAsync()
    {
        try
        {
            _shard.Rest();
            _hasChanged = true;
            await SaveAsync();
        }
        catch (InconsistentStateException)
        {
            // Another activation has it.
        }
    }

    /// <summary>Reports to the coordinator. If it does not want the shard any more, the shard stops.</summary>
    /// <returns>Whether the coordinator could be reached.</returns>
    private async Task<bool> TryReportAsync(Job job, bool isFinished = false, string? problem = null)
    {
        int shard = (int)this.GetPrimaryKeyLong(out _);
        try
        {
            bool goesOn = await GrainFactory.GetGrain<IJobGrain>(job.Folder)
                .ReportAsync(new ShardReport(shard, silo.SiloAddress, _shard.Counts(), isFinished, problem));
            if (!goesOn && !isFinished)
                await _stop.CancelAsync();
            return true;
        }
        catch (Exception e)
        {
            NotReported(logger, shard, job.Folder, e);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Another silo works on shard {Shard} of the job {Job}.")]
    private static partial void LostShard(ILogger logger, int shard, string job, Exception e);

    [LoggerMessage(LogLevel.Error, "Shard {Shard} of the job {Job} stopped. It will be tried again.")]
    private static partial void StoppedShard(ILogger logger, int shard, string job, Exception e);

    [LoggerMessage(LogLevel.Warning, "The state of shard {Shard} could not be saved. It will be tried again.")]
    private static partial void NotSaved(ILogger logger, string shard, Exception e);

    [LoggerMessage(LogLevel.Warning, "The coordinator could not be reached by shard {Shard} of the job {Job}. It will be tried again.")]
    private static partial void NotReported(ILogger logger, int shard, string job, Exception e);
}
