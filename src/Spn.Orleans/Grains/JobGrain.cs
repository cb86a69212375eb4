using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using Spn.Orleans.Jobs;

namespace Spn.Orleans.Grains;

/// <inheritdoc cref="IJobGrain"/>
internal sealed class JobGrain(
    [PersistentState("job", RefineJobs.GrainStorageName)] IPersistentState<JobState> state, IJobStorage storage,
    IOptions<RefineSiloOptions> options, ISiloStatusOracle silos) : Grain, IJobGrain
{
    // Who works on which shard is not stored: the shards report it again within seconds.
    private readonly Dictionary<int, Lease> _leases = [];
    private readonly Dictionary<SiloAddress, TimeSpan> _pauses = [];
    private readonly long _start = options.Value.Time.GetTimestamp();
    private int _next;
    private string? _problem;
    private bool _isUnsaved;

    private JobState State => state.State;

    /// <summary>The time of this activation. It does not jump when the machine's clock is set.</summary>
    private TimeSpan Now => options.Value.Time.GetElapsedTime(_start);

    public async Task SubmitAsync(Job job)
    {
        if (State.Job is null)
        {
            (State.Job, State.FinishedShards) = (job, Bits.Of(job.Shards));
            _isUnsaved = true;
        }
        else if (State.Job != job)
        {
            throw new InvalidOperationException(
                $"The job '{job.Folder}' was submitted with another manifest, other options or another version; choose another folder.");
        }
        await SaveAsync();
        if (State.Phase == RefineJobPhase.Running)
            await List.AddAsync(job.Folder);
    }

    public Task<RefineJobStatus?> GetStatusAsync()
    {
        if (State.Job is not { } job)
            return Task.FromResult<RefineJobStatus?>(null);
        ShardCounts counts = _leases.Values.Aggregate(State.Counts, (sum, lease) => sum + lease.Counts);
        TimeSpan now = Now;
        string[] workers = State.Phase == RefineJobPhase.Running
            ? [.. _leases.Values.Where(lease => IsHeld(lease, now)).Select(lease => lease.Silo.Endpoint.ToString()).Distinct().Order()]
            : [];
        return Task.FromResult<RefineJobStatus?>(new RefineJobStatus(
            State.Phase, job.Items, counts.Done, counts.Failed, counts.Skipped, job.Shards, State.FinishedCount, workers, _problem));
    }

    public async Task CancelAsync()
    {
        Job job = RequireJob();
        if (State.Phase == RefineJobPhase.Finished)
            throw new InvalidOperationException($"The job '{job.Folder}' is finished.");
        State.Phase = RefineJobPhase.Cancelled;
        _isUnsaved = true;
        foreach ((int shard, Lease lease) in _leases.ToArray())
            _leases[shard] = lease with { End = Now }; // so that they can be taken when the job goes on
        await SaveAsync();
        await List.RemoveAsync(job.Folder);
    }

    public async Task ResumeAsync()
    {
        Job job = RequireJob();
        if (State.Phase == RefineJobPhase.Finished)
            return;
        if (State.Phase == RefineJobPhase.Cancelled)
        {
            State.Phase = RefineJobPhase.Running;
            _isUnsaved = true;
        }
        await SaveAsync();
        await List.AddAsync(job.Folder);
    }

    public async Task<ShardLease?> TakeAsync(SiloAddress silo)
    {
        if (State.Job is not { } job)
            return null;
        if (State.Phase != RefineJobPhase.Running)
        {
            // The silo of this grain ended before the job left the list, or the database was away. The phase must be stored first.
            await SaveAsync();
            await List.RemoveAsync(job.Folder);
            return null;
        }
        if (State.FinishedCount == job.Shards)
        {
            await FinishAsync(job); // the silo of this grain ended before it did this
            return null;
        }
        TimeSpan now = Now;
        if (_pauses.TryGetValue(silo, out TimeSpan end) && now < end)
            return null;
        if (State.FinishedCount + _leases.Values.Count(held => IsHeld(held, now)) == job.Shards)
            return null; // at the end of a job, many silos ask again and again
        for (int i = 0; i < job.Shards; i++)
        {
            int shard = (_next + i) % job.Shards;
            if (State.FinishedShards.Has(shard) || (_leases.TryGetValue(shard, out Lease? lease) && IsHeld(lease, now)))
                continue;
            _next = shard + 1;
            _leases[shard] = new Lease(silo, lease?.Counts ?? default, now + options.Value.LeaseTime);
            return new ShardLease(job, shard);
        }
        return null;
    }

    public async Task<bool> ReportAsync(ShardReport report)
    {
        if (State.Job is not { } job)
            return false;
        if (State.FinishedShards.Has(report.Shard))
        {
            await SaveAsync(); // perhaps an earlier report could not be saved
        }
        else if (report.Stage == ShardStage.Finished)
        {
            _leases.Remove(report.Shard);
            State.FinishedShards.Set(report.Shard, true);
            State.FinishedCount++;
            State.Counts += report.Counts;
            (_problem, _isUnsaved) = (null, true);
            await SaveAsync();
        }
        else
        {
            bool goesOn = State.Phase == RefineJobPhase.Running && report.Stage == ShardStage.Running;
            _leases[report.Shard] = new Lease(report.Silo, report.Counts, goesOn ? Now + options.Value.LeaseTime : Now);
            if (report.Problem is not null)
            {
                // Other silos may do better. This one gets no shards of this job for a while.
                _pauses[report.Silo] = Now + options.Value.SaveInterval;
                _problem = $"{report.Silo.Endpoint}: {report.Problem}";
            }
            return goesOn;
        }
        if (State.Phase == RefineJobPhase.Running && State.FinishedCount == job.Shards)
            await FinishAsync(job);
        return false;
    }

    private async Task FinishAsync(Job job)
    {
        JobFolder files = new(storage, job.Folder);
        try
        {
            // Again, so that a check of the files checks the job that ran, whatever was submitted at the same time.
            await files.WriteJobAsync(job, CancellationToken.None);
            await files.WriteSummaryAsync(
                new JobSummary(job.Items, State.Counts.Done, State.Counts.Failed, State.Counts.Skipped, job.Shards),
                CancellationToken.None);
        }
        catch (Exception e)
        {
            _problem = $"The summary cannot be written: {e.Message}";
            throw;
        }
        _problem = null;
        State.Phase = RefineJobPhase.Finished;
        _isUnsaved = true;
        await SaveAsync();
        await List.RemoveAsync(job.Folder);
    }

    /// <summary>Saves what has changed, also what could not be saved before.</summary>
    private async Task SaveAsync()
    {
        if (!_isUnsaved)
            return;
        await state.WriteStateAsync();
        _isUnsaved = false;
    }

    private bool IsHeld(Lease lease, TimeSpan now) => now < lease.End && !silos.IsDeadSilo(lease.Silo);

    private Job RequireJob()
        => State.Job ?? throw new InvalidOperationException($"There is no job '{this.GetPrimaryKeyString()}'.");

    private IJobListGrain List => GrainFactory.GetGrain<IJobListGrain>(JobListGrain.Key);

    /// <summary>A shard in the hands of a silo, until a time.</summary>
    private sealed record Lease(SiloAddress Silo, ShardCounts Counts, TimeSpan End);
}
