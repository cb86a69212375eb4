using Orleans;

namespace Spn.Orleans;

/// <summary>Whether a job runs.</summary>
[Alias("spn.job-phase")]
public enum RefineJobPhase
{
    /// <summary>Silos refine its masks.</summary>
    Running,

    /// <summary>It was cancelled. It can be resumed.</summary>
    Cancelled,

    /// <summary>Every item is done, failed or skipped.</summary>
    Finished,
}

/// <summary>How far a job is.</summary>
/// <param name="Phase">Whether it runs.</param>
/// <param name="Items">All items.</param>
/// <param name="Done">Items that this job refined.</param>
/// <param name="Failed">Items that cannot be refined. The results give the reasons.</param>
/// <param name="Skipped">Items whose outputs were there already, made of the same image, mask, model and options.</param>
/// <param name="Shards">The number of shards that the job is cut into.</param>
/// <param name="FinishedShards">Shards whose results are written.</param>
/// <param name="Silos">The addresses of the silos that work on it.</param>
/// <param name="Problem">Why a silo cannot work on it, such as a damaged model file; <see langword="null"/> if all can.</param>
[GenerateSerializer, Immutable, Alias("spn.job-status")]
public sealed record RefineJobStatus(
    RefineJobPhase Phase, long Items, long Done, long Failed, long Skipped, int Shards, int FinishedShards, IReadOnlyList<string> Silos,
    string? Problem)
{
    /// <summary>Items that are done, failed or skipped.</summary>
    public long Finished => Done + Failed + Skipped;
}
