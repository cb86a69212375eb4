using Orleans;
using Orleans.Runtime;
using Spn.Orleans.Jobs;

namespace Spn.Orleans.Grains;

/// <summary>The coordinator of a job, whose key is the job's folder. It gives shards to silos and counts; it knows no items.</summary>
[Alias("spn.job-grain")]
internal interface IJobGrain : IGrainWithStringKey
{
    [Alias("submit")]
    Task SubmitAsync(Job job);

    [Alias("status")]
    Task<RefineJobStatus?> GetStatusAsync();

    [Alias("cancel")]
    Task CancelAsync();

    [Alias("resume")]
    Task ResumeAsync();

    /// <summary>Gives a shard to a silo; <see langword="null"/> if there is none to give now.</summary>
    [Alias("take")]
    Task<ShardLease?> TakeAsync(SiloAddress silo);

    /// <summary>Renews the lease of a shard, or ends it.</summary>
    /// <returns>Whether the shard goes on.</returns>
    [Alias("report")]
    Task<bool> ReportAsync(ShardReport report);
}

/// <summary>A shard that a silo shall refine.</summary>
[GenerateSerializer, Immutable, Alias("spn.shard-lease")]
internal sealed record ShardLease(Job Job, int Shard);

/// <summary>How far a shard is.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Silo">The silo that refines it.</param>
/// <param name="Counts">What became of its items so far.</param>
/// <param name="Stage">Whether the silo still refines it.</param>
/// <param name="Problem">Why the silo stopped; <see langword="null"/> if nothing is wrong with it.</param>
[GenerateSerializer, Immutable, Alias("spn.shard-report")]
internal sealed record ShardReport(int Shard, SiloAddress Silo, ShardCounts Counts, ShardStage Stage, string? Problem);

/// <summary>Whether a silo refines a shard.</summary>
[Alias("spn.shard-stage")]
internal enum ShardStage
{
    /// <summary>It does.</summary>
    Running,

    /// <summary>It does not any more, and the shard can be given to another one.</summary>
    Stopped,

    /// <summary>The shard's results are written.</summary>
    Finished,
}

/// <summary>What became of items.</summary>
[GenerateSerializer, Immutable, Alias("spn.shard-counts")]
internal readonly record struct ShardCounts(long Done, long Failed, long Skipped)
{
    public static ShardCounts operator +(ShardCounts a, ShardCounts b) => new(a.Done + b.Done, a.Failed + b.Failed, a.Skipped + b.Skipped);
}
