using Orleans;
using Spn.Orleans.Jobs;

namespace Spn.Orleans.Grains;

/// <summary>What is stored of a job: one bit per shard, and the counts of the shards that are finished.</summary>
[GenerateSerializer, Alias("spn.job-state")]
internal sealed class JobState
{
    /// <summary><see langword="null"/> before the job is submitted.</summary>
    [Id(0)]
    public Job? Job { get; set; }

    [Id(1)]
    public RefineJobPhase Phase { get; set; }

    [Id(2)]
    public byte[] FinishedShards { get; set; } = [];

    [Id(3)]
    public int FinishedCount { get; set; }

    [Id(4)]
    public ShardCounts Counts { get; set; }
}
