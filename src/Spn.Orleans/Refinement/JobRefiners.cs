using Microsoft.Extensions.Options;
using Spn.Orleans.Jobs;

namespace Spn.Orleans.Refinement;

/// <summary>The refiners of a silo: one for the jobs that have the same model and options. Thread-safe.</summary>
internal sealed class JobRefiners(IJobStorage storage, IOptions<RefineSiloOptions> options) : IDisposable
{
    // A silo may run for months. Models of jobs that have ended are freed, except the last ones.
    private const int MaxIdle = 2;

    private readonly SemaphoreSlim _loading = new(1);
    private readonly List<Entry> _entries = []; // the most recently used ones at the end

    /// <summary>The number of refiners that are loaded.</summary>
    public int Count => _entries.Count;

    /// <summary>Takes the refiner of a job, until the result is disposed.</summary>
    /// <exception cref="JobProblemException">It cannot be loaded.</exception>
    public async Task<Use> TakeAsync(Job job, CancellationToken cancellation)
    {
        await _loading.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            Entry? entry = _entries.Find(entry => entry.Belongs(job));
            if (entry is null)
            {
                entry = new Entry(job, await JobRefiner.LoadAsync(job, storage, options.Value.MaxConcurrency).ConfigureAwait(false));
                Free(_entries.Where(other => Volatile.Read(ref other.Uses) == 0).SkipLast(MaxIdle - 1));
            }
            else
            {
                _entries.Remove(entry);
            }
            _entries.Add(entry);
            Interlocked.Increment(ref entry.Uses);
            return new Use(entry);
        }
        finally
        {
            _loading.Release();
        }
    }

    public void Dispose()
    {
        Free(_entries);
        _loading.Dispose();
    }

    private void Free(IEnumerable<Entry> entries)
    {
        foreach (Entry entry in entries.ToArray())
        {
            entry.Refiner.Dispose();
            _entries.Remove(entry);
        }
    }

    internal sealed class Entry(Job job, JobRefiner refiner)
    {
        public int Uses;

        public JobRefiner Refiner => refiner;

        public bool Belongs(Job other) => (job.Options, job.ModelHash, job.Version) == (other.Options, other.ModelHash, other.Version);
    }

    /// <summary>A refiner that is not freed before this is disposed.</summary>
    internal sealed class Use(Entry entry) : IDisposable
    {
        public JobRefiner Refiner => entry.Refiner;

        public void Dispose() => Interlocked.Decrement(ref entry.Uses);
    }
}
