using System.Collections.Concurrent;
using System.Text;
using Spn.Orleans.Jobs;
using Spn.Orleans.Refinement;

namespace Spn.Orleans.Tests.Cluster;

/// <summary>Writes the name of the image as the output. All silos share it, so it sees every item of the cluster.</summary>
internal sealed class FakeRefiner(IJobStorage files) : IItemRefiner
{
    private int _waiting;

    /// <summary>The number of items that are held.</summary>
    public int Waiting => _waiting;

    /// <summary>How often each output was made.</summary>
    public ConcurrentDictionary<string, int> Made { get; } = new();

    /// <summary>What an item takes.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>What an item waits for; it may also throw.</summary>
    public Func<ManifestItem, Task> Hold { get; init; } = _ => Task.CompletedTask;

    public async Task<ItemResult> RefineAsync(Job job, ManifestItem item, CancellationToken cancellation)
    {
        if (await files.ReadAsync(item.Output, cancellation) is { } found)
            return ItemResult.Skipped(ContentHash.Of(found));
        if (Delay > TimeSpan.Zero)
            await Task.Delay(Delay, cancellation);
        Interlocked.Increment(ref _waiting);
        try
        {
            await Hold(item).WaitAsync(cancellation);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
        byte[] output = Encoding.UTF8.GetBytes(item.Image);
        await files.WriteAsync(item.Output, output, cancellation);
        Made.AddOrUpdate(item.Output, 1, (_, count) => count + 1);
        return ItemResult.Done(ContentHash.Of(output));
    }
}
