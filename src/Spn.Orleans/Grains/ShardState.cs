using Orleans;
using Spn.Orleans.Jobs;

namespace Spn.Orleans.Grains;

/// <summary>What is stored of a shard: two bits per item, the failures, and what is known of processes that ended on it.</summary>
/// <remarks>
/// An item that ends its process, for example by a crash in a decoder, must not end one process after another. Items are refined in their
/// order, so when a process has ended, the item that ended it is among the first ones that are left. These are refined alone, and the state
/// names each of them before. An item that ends its process each time is given up.
/// </remarks>
[GenerateSerializer, Alias("spn.shard-state")]
internal sealed class ShardState
{
    // Processes also end for other reasons, such as machines that are switched off.
    private const int MaxEnds = 3;

    [Id(0)]
    public int Items { get; set; }

    [Id(1)]
    public byte[] Done { get; set; } = [];

    [Id(2)]
    public byte[] Skipped { get; set; } = [];

    [Id(3)]
    public Dictionary<int, string> Failures { get; set; } = [];

    /// <summary>How many items the silo that has the shard refines at a time; 0 if it stopped in good order.</summary>
    [Id(4)]
    public int InFlight { get; set; }

    /// <summary>How many items are still to be refined alone.</summary>
    [Id(5)]
    public int Suspects { get; set; }

    /// <summary>The item that is refined alone; -1 if there is none.</summary>
    [Id(6)]
    public int Suspect { get; set; } = -1;

    /// <summary>How many processes ended while they refined the suspect.</summary>
    [Id(7)]
    public int Ends { get; set; }

    /// <summary>
    /// What a storage may read while this state changes: storage may serialize it on another thread, after it has opened a connection.
    /// </summary>
    public ShardState Copy()
    {
        ShardState copy = (ShardState)MemberwiseClone();
        (copy.Done, copy.Skipped, copy.Failures) = ([.. Done], [.. Skipped], new Dictionary<int, string>(Failures));
        return copy;
    }

    public bool IsDecided(int item) => Done.Has(item) || Skipped.Has(item) || Failures.ContainsKey(item);

    public ShardCounts Counts()
        => new(Done.Sum(part => byte.PopCount(part)), Failures.Count, Skipped.Sum(part => byte.PopCount(part)));

    /// <summary>A silo begins to refine the shard, or goes on where another one stopped or ended.</summary>
    /// <param name="items">The number of items.</param>
    /// <param name="inFlight">How many items the silo refines at a time.</param>
    public void Begin(int items, int inFlight)
    {
        if (Items != items)
            (Items, Done, Skipped, Failures) = (items, Bits.Of(items), Bits.Of(items), []);
        if (InFlight > 0)
        {
            Suspects = Math.Max(Suspects, InFlight);
            if (Suspect >= 0 && ++Ends >= MaxEnds)
            {
                Record(Suspect, ItemResult.Failed("The process ended each time when this item was refined."));
                (Suspect, Ends) = (-1, 0);
            }
        }
        InFlight = inFlight;
    }

    /// <summary>The next item is refined alone.</summary>
    public void Watch(int item)
    {
        if (Suspect != item)
            (Suspect, Ends) = (item, 0);
    }

    /// <summary>The items that were refined alone did not end the process.</summary>
    public void Trust() => (Suspects, Suspect, Ends) = (0, -1, 0);

    /// <summary>The silo stops in good order.</summary>
    public void Rest() => InFlight = 0;

    public void Record(int item, ItemResult result)
    {
        Done.Set(item, result.Status == ItemStatus.Done);
        Skipped.Set(item, result.Status == ItemStatus.Skipped);
        if (result.Status == ItemStatus.Failed)
            Failures[item] = result.Reason!;
        else
            Failures.Remove(item);
        // An item whose output was there, or which failed, was not being refined when the process ended.
        if (item == Suspect && result.Status == ItemStatus.Done)
            Suspects--;
    }
}
