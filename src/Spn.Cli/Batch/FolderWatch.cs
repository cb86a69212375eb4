using Spn.Cli.Commands;

namespace Spn.Cli.Batch;

/// <summary>
/// Looks into the folders every second and refines what was added or changed. Polling also works on network folders, which send no events.
/// </summary>
internal sealed class FolderWatch(PairFinder finder, Shard shard, BatchRun run)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, Stamp> _seen = [], _done = [];
    private readonly HashSet<string> _failed = [];

    /// <summary>When and how large both files were.</summary>
    private readonly record struct Stamp(DateTime PhotoTime, long PhotoLength, DateTime MaskTime, long MaskLength);

    /// <summary>Works until it is cancelled.</summary>
    /// <returns>The exit code: <see cref="ExitCode.Failed"/> if a photo could not be refined in its last state.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        Console.Error.WriteLine("Watching for photos and masks; Ctrl+C ends.");
        try
        {
            for (bool isFirst = true; ; isFirst = false)
            {
                PhotoPair[] changed = Changed(isFirst);
                if (changed.Length > 0)
                    await RefineAsync(changed, cancellation).ConfigureAwait(false);
                await Task.Delay(s_interval, cancellation).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            return _failed.Count > 0 ? ExitCode.Failed : ExitCode.Success;
        }
    }

    private async Task RefineAsync(PhotoPair[] pairs, CancellationToken cancellation)
    {
        BatchCounter counter = new(pairs.Length);
        await BatchProgress.ShowAsync(counter, () => run.RunAsync(pairs, counter, cancellation)).ConfigureAwait(false);
        _failed.ExceptWith(pairs.Select(pair => pair.Name));
        _failed.UnionWith(counter.Failures.Select(failure => failure.Key));
        Console.WriteLine(pairs is [{ } only] && counter.Refined == 1 ? $"Refined {only.Name}." : BatchCommand.Summary(counter));
        BatchCommand.ListFailures(counter);
    }

    /// <summary>
    /// Pairs that differ from what was refined. A file that differs from what it was a moment ago is still being written, so it waits.
    /// Photos without a mask wait for it.
    /// </summary>
    private PhotoPair[] Changed(bool isFirst)
    {
        List<PhotoPair> changed = [];
        foreach (PhotoPair pair in finder.Find().Where(pair => pair.Mask is not null && shard.Contains(pair.Name)))
        {
            FileInfo photo = new(pair.Photo), mask = new(pair.Mask!);
            if (!photo.Exists || !mask.Exists)
                continue;
            Stamp stamp = new(photo.LastWriteTimeUtc, photo.Length, mask.LastWriteTimeUtc, mask.Length);
            bool isStable = isFirst || (_seen.TryGetValue(pair.Name, out Stamp before) && before == stamp);
            _seen[pair.Name] = stamp;
            if (!isStable || (_done.TryGetValue(pair.Name, out Stamp done) && done == stamp))
                continue;
            _done[pair.Name] = stamp;
            changed.Add(pair);
        }
        return [.. changed];
    }
}
