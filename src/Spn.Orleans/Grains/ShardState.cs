using Orleans;
using Spn.Orleans.Jobs;

namespace Spn.Orleans.Grains;

/// <summary>
/// What is stored of a shard while it is refined: two bits per item, the failures, and what is known of silos that died on it.
/// </summary>
[GenerateSerializer, Alias("spn.shard-state")]
internal sealed class ShardState
{
    // An item that ends its silo, for example by a crash in a decoder, must not end one silo after another. After some starts without
    // progress the shard refines one item at a time and stores which; an item on which two silos died is given up.
    private const int MaxStartsWithoutProgress = 3, MaxEnds = 2;

    [Id(0)]
    public int Items { get; set; }

    [Id(1)]
    public byte[] Done { get; set; } = [];

    [Id(2)]
    public byte[] Skipped { get; set; } = [];

    [Id(3)]
    public Dictionary<int, string> Failures { get; set; } = [];

    [Id(4)]
    public int StartsWithoutProgress { get; set; }

    /// <summary>The item that is refined alone; -1 if there is none.</summary>
    [Id(5)]
    public int Suspect { get; set; } = -1;

    /// <summary>How many silos ended while they refined the suspect.</summary>
    [Id(6)]
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

    /// <summary>Whether items are refined one at a time.</summary>
    public bool IsCareful() => StartsWithoutProgress > MaxStartsWithoutProgress;

    public bool IsDecided(int item) => Done.Has(item) || Skipped.Has(item) || Failures.ContainsKey(item);

    public ShardCounts Counts()
        => new(Done.Sum(part => byte.PopCount(part)), Failures.Count, Skipped.Sum(part => byte.PopCount(part)));

    /// <summary>A silo begins to refine the shard, or goes on where another one ended.</summary>
    public void Begin(int items)
    {
        if (Items != items)
            (Items, Done, Skipped, Failures) = (items, Bits.Of(items), Bits.Of(items), []);
        StartsWithoutProgress++;
        if (Suspect >= 0 && ++Ends >= MaxEnds)
        {
            Record(Suspect, ItemResult.Failed("The process ended each time when this item was refined."));
            Rest();
        }
    }

    /// <summary>The next item is refined alone.</summary>
    public void Watch(int item)
    {
        if (Suspect != item)
            Ends = 0;
        Suspect = item;
    }

    /// <summary>The silo stops without a fault of the items.</summary>
    public void Rest() => (StartsWithoutProgress, Suspect, Ends) = (0, -1, 0);

    public void Record(int item, ItemResult result)
    {
        Done.Set(item, result.Status == ItemStatus.Done);
        Skipped.Set(item, result.Status == ItemStatus.Skipped);
        if (result.Status == ItemStatus.Failed)
            Failures[item] = result.Reason!;
        else
            Failures.Remove(item);
        if (!IsCareful())
            StartsWithoutProgress = 0;
    }
}
