using System.Collections.Concurrent;
using System.IO.Hashing;
using Spn.Orleans.Jobs;
using Spn.Orleans.Storage;

namespace Spn.Orleans;

/// <summary>What a check of a finished job found.</summary>
/// <param name="Items">All items of the job.</param>
/// <param name="Done">Items that the job refined.</param>
/// <param name="Failed">Items that could not be refined.</param>
/// <param name="Skipped">Items whose outputs were there already.</param>
/// <param name="Problems">
/// What is wrong, at most 1,000 entries; empty if every item has exactly one result and every output is there.
/// </param>
public sealed record JobVerification(long Items, long Done, long Failed, long Skipped, IReadOnlyList<string> Problems)
{
    private const int MaxProblems = 1000;

    /// <summary>
    /// Checks a finished job by its files alone, without a cluster: its shards are the submitted manifest, every item has exactly one
    /// result, and the content of every output is that of its result.
    /// </summary>
    /// <param name="storage">The storage of the job.</param>
    /// <param name="folder">The job's folder.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <exception cref="InvalidDataException">The folder holds no job, or one that is not finished, or its files are damaged.</exception>
    public static async Task<JobVerification> VerifyAsync(IJobStorage storage, string folder, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(storage);
        string name = StoragePath.Normalize(folder);
        JobFolder files = new(storage, name);
        Job job = await files.ReadJobAsync(cancellation).ConfigureAwait(false)
            ?? throw new InvalidDataException($"'{name}' holds no job.");
        JobSummary summary = await files.ReadSummaryAsync(cancellation).ConfigureAwait(false)
            ?? throw new InvalidDataException($"The job '{name}' is not finished.");

        ConcurrentQueue<string> problems = new();
        long[] counts = new long[Enum.GetValues<ItemStatus>().Length];
        XxHash128 hash = new();
        for (int shard = 0; shard < job.Shards; shard++)
        {
            IReadOnlyList<ManifestItem> items = await files.ReadItemsAsync(shard, cancellation).ConfigureAwait(false);
            foreach (ManifestItem item in items)
                ManifestFile.Append(hash, item);
            if (await files.ReadResultsAsync(shard, cancellation).ConfigureAwait(false) is not { } results)
            {
                problems.Enqueue($"Shard {shard} has no results.");
                continue;
            }
            if (!results.Select(result => result.Item).SequenceEqual(items))
                problems.Enqueue($"The results of shard {shard} do not belong to its items.");
            foreach (ResultLine result in results)
                counts[(int)result.Status]++;
            await Parallel.ForEachAsync(results.Where(result => result.Status != ItemStatus.Failed), cancellation, async (result, stop) =>
            {
                if (await CheckOutputAsync(storage, result, stop).ConfigureAwait(false) is { } problem)
                    problems.Enqueue(problem);
            }).ConfigureAwait(false);
        }
        if (Convert.ToHexStringLower(hash.GetCurrentHash()) != job.Manifest)
            problems.Enqueue("The shards are not the manifest that was submitted.");
        JobSummary found = new(
            counts.Sum(), counts[(int)ItemStatus.Done], counts[(int)ItemStatus.Failed], counts[(int)ItemStatus.Skipped], job.Shards);
        if (found != summary || found.Items != job.Items)
            problems.Enqueue($"The counts differ. Results: {found}; summary: {summary}; items of the job: {job.Items}.");
        return new JobVerification(job.Items, found.Done, found.Failed, found.Skipped, [.. problems.Take(MaxProblems)]);
    }

    private static async Task<string?> CheckOutputAsync(IJobStorage storage, ResultLine result, CancellationToken cancellation)
    {
        byte[]? output = await storage.ReadAsync(result.Output, cancellation).ConfigureAwait(false);
        if (output is null)
            return $"The output '{result.Output}' is missing.";
        return Refinement.ContentHash.Of(output) == result.Hash ? null : $"The output '{result.Output}' has another content.";
    }
}
