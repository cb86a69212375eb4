using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using Spn.Orleans.Tests.Cluster;
using Xunit;

namespace Spn.Orleans.Tests.Jobs;

/// <summary>What a job costs the coordinator and the database, as counts, with a fake refiner and without waiting for a clock.</summary>
public sealed class LoadTests
{
    private const string Job = "job";

    private static readonly TimeSpan s_calm = TimeSpan.FromMinutes(5); // for silos that share two cores

    [Fact]
    public async Task A_shard_takes_two_calls_and_three_writes_however_many_items_it_has()
    {
        await SimulateAsync(silos: 4, shards: 400, itemsPerShard: 1);
        await SimulateAsync(silos: 4, shards: 400, itemsPerShard: 30);
    }

    [Fact]
    public Task Shards_that_run_take_a_call_and_a_write_per_interval()
        => RunAsync(silos: 5, shardsPerSilo: 2);

    // The coordinator and the database see shards, not machines. So four silos with room for 50 shards each stand for a hundred machines
    // with room for two, which would not fit into one process.

    [Fact]
    public Task Ten_thousand_shards_on_a_hundred_machines_cost_as_much_per_shard()
        => SimulateAsync(silos: 4, shards: 10_000, itemsPerShard: 1, shardsPerSilo: 50);

    [Fact]
    public Task A_hundred_machines_take_as_many_calls_and_writes_in_every_interval()
        => RunAsync(silos: 4, shardsPerSilo: 50);

    /// <summary>A whole job whose shards end before they save what they have done.</summary>
    private static async Task SimulateAsync(int silos, int shards, int itemsPerShard, int shardsPerSilo = 2)
    {
        using TemporaryFolder folder = new();
        MemoryFiles files = new();
        FakeRefiner refiner = new(files);
        await using Silos cluster = await Silos.StartAsync(
            silos, files, refiner, probe: s_calm, configure: options =>
            {
                options.SaveInterval = TimeSpan.FromDays(1);
                options.LeaseTime = TimeSpan.FromDays(2);
                options.PollInterval = TimeSpan.FromSeconds(5);
                options.ShardsPerSilo = shardsPerSilo;
            });
        int before = cluster.Calls("JobGrain");
        await cluster.Jobs.SubmitAsync(Manifests.Of(folder, shards * itemsPerShard), Job, new RefineJobOptions(), itemsPerShard);
        int asked = 0;
        RefineJobStatus status = await cluster.UntilAsync(Job, status =>
        {
            asked++;
            return status.Phase == RefineJobPhase.Finished;
        });
        int calls = cluster.Calls("JobGrain") - before - asked, writes = cluster.States.Writes;
        await FaultTests.AssertBalancedAsync(files, refiner, status, shards * itemsPerShard);
        TestContext.Current.SendDiagnosticMessage(
            $"{silos} silos, {shards} x {itemsPerShard}: {calls} calls, {writes} writes, at most {cluster.States.Largest} bytes");
        // Of each shard: its begin, its end, and the coordinator's bit. Of the job: its begin and end, and two of the list of jobs.
        Assert.Equal(3 * shards + 4, writes);
        // Each shard is taken and ended. Silos that find nothing to do ask again after a while.
        Assert.InRange(calls, 2 * shards, 2.2 * shards + 2 * silos);
        Assert.InRange(cluster.States.Largest, 1, 1000 + shards / 4);
    }

    /// <summary>A minute of shards that take long, with a fake clock.</summary>
    private static async Task RunAsync(int silos, int shardsPerSilo)
    {
        const int itemsPerShard = 100, inFlight = 2, intervals = 12;
        int running = shardsPerSilo * silos;
        using TemporaryFolder folder = new();
        MemoryFiles files = new();
        FakeTimeProvider clock = new();
        using SemaphoreSlim turns = new(0);
        FakeRefiner refiner = new(files) { Hold = _ => turns.WaitAsync() };
        await using Silos cluster = await Silos.StartAsync(
            silos, files, refiner, probe: s_calm, configure: options =>
            {
                options.MaxConcurrency = inFlight;
                options.SaveInterval = TimeSpan.FromSeconds(5);
                options.LeaseTime = TimeSpan.FromMinutes(1);
                options.PollInterval = TimeSpan.FromSeconds(2);
                options.ShardsPerSilo = shardsPerSilo;
                options.Time = clock;
            });
        // Twice as many shards as run, so that silos ask for more when they can take some.
        await cluster.Jobs.SubmitAsync(Manifests.Of(folder, 2 * running * itemsPerShard), Job, new RefineJobOptions(), itemsPerShard);
        await SettleAsync(() =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(100)); // silos look for work
            return refiner.Waiting == running * inFlight;
        });

        for (int interval = 0; interval < intervals; interval++)
        {
            int made = refiner.Made.Count;
            turns.Release(running * inFlight);
            await SettleAsync(() => refiner.Made.Count == made + running * inFlight && refiner.Waiting == running * inFlight);
            int calls = cluster.Calls("JobGrain"), writes = cluster.States.Writes;
            clock.Advance(TimeSpan.FromSeconds(5));
            await SettleAsync(() => cluster.Calls("JobGrain") >= calls + running && cluster.States.Writes >= writes + running);
            await Task.Delay(50); // whatever else comes
            Assert.Equal((running, running), (cluster.Calls("JobGrain") - calls, cluster.States.Writes - writes));
        }
        TestContext.Current.SendDiagnosticMessage(
            $"{silos} silos: {running} calls and {running} writes per 5 s, at most {cluster.States.Largest} bytes");
        Assert.InRange(cluster.States.Largest, 1, 2000);
    }

    private static async Task SettleAsync(Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(10), "The cluster does not get there.");
            await Task.Delay(10);
        }
    }
}
