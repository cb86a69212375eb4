using Spn.Orleans.Grains;
using Spn.Orleans.Jobs;
using Xunit;

namespace Spn.Orleans.Tests.Grains;

public sealed class ShardStateTests
{
    private const int InFlight = 4;

    [Fact]
    public void Every_item_counts_once()
    {
        ShardState state = new();
        state.Begin(20, InFlight);
        state.Record(3, ItemResult.Failed("bad"));
        state.Record(3, ItemResult.Done("hash"));
        state.Record(9, ItemResult.Done("hash"));
        state.Record(9, ItemResult.Skipped("hash"));
        state.Record(19, ItemResult.Failed("bad"));
        Assert.Equal(new ShardCounts(1, 1, 1), state.Counts());
        Assert.Equal([3, 9, 19], Enumerable.Range(0, 20).Where(state.IsDecided));
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(10, 4)] // the first process refines the items before it
    [InlineData(19, 4)]
    public void An_item_that_ends_its_process_each_time_is_given_up(int bad, int expectedEnds)
    {
        HashSet<int> outputs = [];
        ShardState stored = new();
        int ends = 0;
        while (Run(ref stored, outputs, bad))
            Assert.InRange(++ends, 1, 10);
        Assert.Equal(expectedEnds, ends);
        Assert.Equal([bad], stored.Failures.Keys);
        Assert.Contains("The process ended", stored.Failures[bad], StringComparison.Ordinal);
        Assert.Equal(20, stored.Counts() is var counts ? counts.Done + counts.Failed + counts.Skipped : 0);
    }

    [Fact]
    public void An_item_is_not_blamed_for_processes_that_end_elsewhere()
    {
        ShardState state = new();
        for (int item = 0; item < 50; item++)
        {
            state.Begin(50, InFlight); // the process ended, each time on another item
            state.Watch(item);
            if (item % 2 == 0)
                state.Record(item, ItemResult.Done("hash"));
        }
        Assert.Empty(state.Failures);
    }

    [Fact]
    public void Stops_in_good_order_are_no_hint_of_a_bad_item()
    {
        ShardState state = new();
        for (int start = 0; start < 20; start++)
        {
            state.Begin(5, InFlight);
            Assert.Equal(0, state.Suspects);
            state.Rest();
        }
        state.Begin(5, InFlight);
        state.Begin(5, InFlight); // the process ended
        Assert.Equal(InFlight, state.Suspects);
        state.Rest();
        state.Begin(5, InFlight);
        Assert.Equal(InFlight, state.Suspects); // they still have to be tried
    }

    /// <summary>One process on a shard of 20 items, as the grain does it, without a save between begin and end.</summary>
    /// <returns>Whether the bad item ended it.</returns>
    private static bool Run(ref ShardState stored, HashSet<int> outputs, int bad)
    {
        ShardState state = stored.Copy();
        state.Begin(20, InFlight);
        stored = state.Copy();
        bool Refine(int item)
        {
            if (item == bad)
                return false;
            state.Record(item, outputs.Add(item) ? ItemResult.Done("hash") : ItemResult.Skipped("hash"));
            return true;
        }

        for (int item = 0; item < 20 && state.Suspects > 0; item++)
        {
            if (state.IsDecided(item))
                continue;
            state.Watch(item);
            stored = state.Copy();
            if (!Refine(item))
                return true;
        }
        state.Trust();
        stored = state.Copy();
        for (int item = 0; item < 20; item++)
        {
            if (!state.IsDecided(item) && !Refine(item))
            {
                // Others were in the works, and some of them ended before.
                for (int other = item + 1; other < Math.Min(20, item + InFlight); other += 2)
                    outputs.Add(other);
                return true;
            }
        }
        state.Rest();
        stored = state.Copy();
        return false;
    }
}
