using Spn.Orleans.Grains;
using Spn.Orleans.Jobs;
using Xunit;

namespace Spn.Orleans.Tests.Grains;

public sealed class ShardStateTests
{
    [Fact]
    public void Every_item_counts_once()
    {
        ShardState state = new();
        state.Begin(20);
        state.Record(3, ItemResult.Failed("bad"));
        state.Record(3, ItemResult.Done("hash"));
        state.Record(9, ItemResult.Done("hash"));
        state.Record(9, ItemResult.Skipped("hash"));
        state.Record(19, ItemResult.Failed("bad"));
        Assert.Equal(new ShardCounts(1, 1, 1), state.Counts());
        Assert.Equal([3, 9, 19], Enumerable.Range(0, 20).Where(state.IsDecided));
    }

    [Fact]
    public void An_item_that_ends_its_process_each_time_is_given_up()
    {
        ShardState state = new();
        int starts = 0;
        do
        {
            state.Begin(5); // the process ended
            starts++;
            if (state.IsCareful())
                state.Watch(0);
        }
        while (!state.IsDecided(0) && starts < 100);
        Assert.Equal(6, starts);
        Assert.Contains("The process ended", state.Failures[0], StringComparison.Ordinal);
        Assert.False(state.IsCareful());
    }

    [Fact]
    public void An_item_is_not_blamed_for_processes_that_end_elsewhere()
    {
        ShardState state = new();
        for (int item = 0; item < 50; item++)
        {
            state.Begin(50); // the process ended, each time on another item
            if (state.IsCareful())
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
            state.Begin(5);
            Assert.False(state.IsCareful());
            state.Rest();
        }
    }
}
