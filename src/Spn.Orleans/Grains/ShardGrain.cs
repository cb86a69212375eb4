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
    /// <summary>Begins to refine the shard, unless a silo does already.</summary>
    [Alias("start")]
    Task StartAsync(Job job);
}

/// <inheritdoc cref="IShardGrain"/>
/// <remarks>
/// There is one activation of a shard in the cluster. If a network fault makes two for a while, the state's ETag stops one of them: each
/// saves the state when it begins, every few seconds, and with all results before it writes them. The row stays, so that an activation that
/// starts too late finds the same results. Masks are refined on the thread pool; everything else runs on the grain's scheduler, one step
/// at a time.
/// </remarks>
[PreferLocalPlacement]
internal sealed partial class ShardGrain(
    [PersistentState("shard", RefineJobs.GrainStorageName)] IPersistentState<ShardState> state, IJobStorage storage,
    IItemRefiner refiner, ShardRoom room, ItemGate gate, ILocalSiloDetails silo, IOptions<RefineSiloOptions> options,
    ILogger<ShardGrain> logger)
    : Grain, IShardGrain, IDisposable
{
    private CancellationTokenSource _stop = new();
    private Task _run = Task.CompletedTask;
    private bool _runsAgain, _isLeaving;
    private ShardState _shard = new();
    private IReadOnlyList<ManifestItem> _items = [];
    private string?[] _hashes = [];
    private int _next;
    private bool _hasBegun, _hasChanged;

    private int Number => (int)this.GetPrimaryKeyLong(out _);

    public Task StartAsync(Job job)
    {
        if (_run.IsCompleted)
            _run = RunAsync(job);
        else
            _runsAgain = _stop.IsCancellationRequested; // it was cancelled and is resumed before it has stopped
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _isLeaving = true;
        await _stop.CancelAsync();
        await _run.WaitAsync(cancellationToken);
    }

    public void Dispose() => _stop.Dispose();

    private async Task RunAsync(Job job)
    {
        room.Enter();
        JobTelemetry.CountShards(1);
        try
        {
            do
            {
                _runsAgain = false;
                _stop.Dispose();
                _stop = new CancellationTokenSource();
                await RunOnceAsync(job);
            }
            while (_runsAgain && !_isLeaving);
        }
        finally
        {
            room.Leave();
            JobTelemetry.CountShards(-1);
            DeactivateOnIdle();
        }
    }

    private async Task RunOnceAsync(Job job)
    {
        using IDisposable? activity = JobTelemetry.Start(job, Number);
        (_shard, _hasBegun) = (state.State.Copy(), false);
        try
        {
            JobFolder files = new(storage, job.Folder);
            _items = await files.ReadItemsAsync(Number, _stop.Token);
            if (_items.Count != job.ItemsOf(Number))
                throw new InvalidDataException($"Shard {Number} has {_items.Count} items; expected {job.ItemsOf(Number)}.");
            (_hashes, _next) = (new string?[_items.Count], 0);
            _shard.Begin(_items.Count, options.Value.MaxConcurrency);
            _hasBegun = true;
            await SaveNowAsync();
            await RefineSuspectsAsync(job);
            await RefineAsync(job);
            ResultLine[] results = await CollectAsync(job);
            _shard.Rest();
            await SaveNowAsync();
            await files.WriteResultsAsync(Number, results, _stop.Token);
            while (!await TryReportAsync(job, ShardStage.Finished))
                await DelayAsync(_stop.Token);
        }
        catch (InconsistentStateException e)
        {
            LostShard(logger, Number, job.Folder, e);
            await TryReportAsync(job, ShardStage.Stopped); // if another activation has it, its next report renews the lease
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            await RestAsync();
        }
        catch (Exception e)
        {
            StoppedShard(logger, Number, job.Folder, e);
            await RestAsync();
            await TryReportAsync(job, ShardStage.Stopped, e.Message);
        }
    }

    /// <summary>Refines what is left, as many items at a time as the silo takes.</summary>
    private async Task RefineAsync(Job job)
    {
        Task work = Task.WhenAll(Enumerable.Range(0, options.Value.MaxConcurrency).Select(_ => RefineNextAsync(job)));
        try
        {
            while (await Task.WhenAny(work, DelayAsync(CancellationToken.None)) != work)
            {
                DelayDeactivation(options.Value.LeaseTime);
                await SaveAsync();
                await TryReportAsync(job, ShardStage.Running);
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
                await RefineTogetherAsync(job, item);
            }
            catch
            {
                await _stop.CancelAsync(); // what concerns one item only is a result, so this concerns all
                throw;
            }
        }
    }

    /// <summary>
    /// Refines the items that may have ended a process before, while this process refines nothing else. The state names each of them
    /// before it is refined.
    /// </summary>
    private async Task RefineSuspectsAsync(Job job)
    {
        if (_shard.Suspects == 0)
            return;
        using IDisposable alone = await gate.EnterAloneAsync(_stop.Token);
        long report = options.Value.Time.GetTimestamp();
        for (int item = 0; item < _items.Count && _shard.Suspects > 0; item++)
        {
            if (_shard.IsDecided(item))
                continue;
            _shard.Watch(item);
            await SaveNowAsync();
            await RefineAloneAsync(job, item);
            if (options.Value.Time.GetElapsedTime(report) < options.Value.SaveInterval)
                continue;
            report = options.Value.Time.GetTimestamp();
            DelayDeactivation(options.Value.LeaseTime);
            await TryReportAsync(job, ShardStage.Running);
        }
        _shard.Trust();
        await SaveNowAsync(); // before other items can end the process
    }

    private async Task RefineTogetherAsync(Job job, int item)
    {
        try
        {
            using IDisposable place = await gate.EnterAsync(_stop.Token);
            await RefineAsync(job, item);
            return;
        }
        catch (OutOfMemoryException)
        {
            // Perhaps there is enough for this item alone.
        }
        using IDisposable alone = await gate.EnterAloneAsync(_stop.Token);
        await RefineAloneAsync(job, item);
    }

    private async Task RefineAloneAsync(Job job, int item)
    {
        try
        {
            await RefineAsync(job, item);
        }
        catch (OutOfMemoryException e)
        {
            Record(item, ItemResult.Failed(e.Message));
        }
    }

    private async Task RefineAsync(Job job, int item)
    {
        CancellationToken stop = _stop.Token;
        Record(item, await Task.Run(() => refiner.RefineAsync(job, _items[item], stop), stop));
    }

    private void Record(int item, ItemResult result)
    {
        _shard.Record(item, result);
        JobTelemetry.Count(result.Status);
        _hashes[item] = result.Hash;
        _hasChanged = true;
    }

    /// <summary>The results of all items. Hashes of an earlier activation are read from the outputs.</summary>
    private async Task<ResultLine[]> CollectAsync(Job job)
    {
        for (int item = 0; item < _items.Count; item++)
        {
            if (_shard.Failures.ContainsKey(item) || _hashes[item] is not null)
                continue;
            if (await storage.ReadAsync(_items[item].Output, _stop.Token) is { } found)
                _hashes[item] = ContentHash.Of(found);
            else
                await RefineTogetherAsync(job, item); // somebody removed the output
        }
        return [.. _items.Select((item, i) => ResultLine.Of(item, new ItemResult(
            _shard.Failures.ContainsKey(i) ? ItemStatus.Failed : _shard.Done.Has(i) ? ItemStatus.Done : ItemStatus.Skipped,
            _hashes[i], _shard.Failures.GetValueOrDefault(i))))];
    }

    /// <summary>Saves what must be stored before the shard goes on, however long the database is away.</summary>
    private async Task SaveNowAsync()
    {
        _hasChanged = true;
        while (true)
        {
            await SaveAsync();
            if (!_hasChanged)
                return;
            await DelayAsync(_stop.Token);
        }
    }

    /// <summary>Saves what has changed, if the database can be reached.</summary>
    /// <exception cref="InconsistentStateException">Another activation has saved the state.</exception>
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

    private Task DelayAsync(CancellationToken cancellation)
        => Task.Delay(options.Value.SaveInterval, options.Value.Time, cancellation);

    /// <summary>The shard stops in good order.</summary>
    private async Task RestAsync()
    {
        if (!_hasBegun)
            return;
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
    private async Task<bool> TryReportAsync(Job job, ShardStage stage, string? problem = null)
    {
        try
        {
            bool goesOn = await GrainFactory.GetGrain<IJobGrain>(job.Folder)
                .ReportAsync(new ShardReport(Number, silo.SiloAddress, _shard.Counts(), stage, problem));
            if (!goesOn && stage == ShardStage.Running)
                await _stop.CancelAsync();
            return true;
        }
        catch (Exception e)
        {
            NotReported(logger, Number, job.Folder, e);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Shard {Shard} of the job {Job} stopped, because its state was saved by another activation.")]
    private static partial void LostShard(ILogger logger, int shard, string job, Exception e);

    [LoggerMessage(LogLevel.Error, "Shard {Shard} of the job {Job} stopped. It will be tried again.")]
    private static partial void StoppedShard(ILogger logger, int shard, string job, Exception e);

    [LoggerMessage(LogLevel.Warning, "The state of shard {Shard} could not be saved. It will be tried again.")]
    private static partial void NotSaved(ILogger logger, string shard, Exception e);

    [LoggerMessage(LogLevel.Warning, "The coordinator could not be reached by shard {Shard} of the job {Job}. It will be tried again.")]
    private static partial void NotReported(ILogger logger, int shard, string job, Exception e);
}
