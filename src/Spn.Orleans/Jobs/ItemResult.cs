using System.Text.Json.Serialization;

namespace Spn.Orleans.Jobs;

/// <summary>What became of an item.</summary>
internal enum ItemStatus
{
    /// <summary>It was refined.</summary>
    Done,

    /// <summary>Its output was there already.</summary>
    Skipped,

    /// <summary>It cannot be refined.</summary>
    Failed,
}

/// <summary>What became of an item.</summary>
/// <param name="Status">Done, skipped or failed.</param>
/// <param name="Hash">The hash of its output's file; <see langword="null"/> if it failed.</param>
/// <param name="Reason">Why it failed; <see langword="null"/> if it did not.</param>
internal sealed record ItemResult(ItemStatus Status, string? Hash, string? Reason)
{
    // A shard's state holds its reasons, so they have a limit.
    private const int MaxReason = 500;

    public static ItemResult Done(string hash) => new(ItemStatus.Done, hash, null);

    public static ItemResult Skipped(string hash) => new(ItemStatus.Skipped, hash, null);

    public static ItemResult Failed(string reason)
    {
        string line = reason.ReplaceLineEndings(" ").Trim();
        return new(ItemStatus.Failed, null, line.Length > MaxReason ? line[..MaxReason] : line);
    }
}

/// <summary>A line of a job's results: the line of the manifest, and what became of it.</summary>
internal sealed record ResultLine(string Image, string Mask, string Output, ItemStatus Status, string? Hash, string? Reason)
{
    public static ResultLine Of(ManifestItem item, ItemResult result)
        => new(item.Image, item.Mask, item.Output, result.Status, result.Hash, result.Reason);

    [JsonIgnore]
    public ManifestItem Item => new(Image, Mask, Output);
}

/// <summary>The counts at the end of a job.</summary>
internal sealed record JobSummary(long Items, long Done, long Failed, long Skipped, int Shards);
