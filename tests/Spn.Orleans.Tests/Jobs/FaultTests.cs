using Spn.Orleans.Tests.Cluster;
using Xunit;

namespace Spn.Orleans.Tests.Jobs;

/// <summary>Jobs whose cluster has trouble, with a fake refiner.</summary>
public sealed class FaultTests
{
    private const string Job = "job";

    [Fact]
    public async Task A_cancelled_job_stops_and_goes_on()
    {
        using TemporaryFolder folder = new();
        MemoryFiles files = new();
        FakeRefiner refiner = new(files) { Delay = TimeSpan.FromMilliseconds(20) };
        await using Silos silos = await Silos.StartAsync(
            2, files, refiner, configure: options => options.LeaseTime = TimeSpan.FromHours(1));
        await silos.Jobs.SubmitAsync(Manifests.Of(folder, 400), Job, new RefineJobOptions(), shardSize: 50);
        await silos.UntilAsync(Job, status => status.Done >= 20);
        await silos.Jobs.CancelAsync(Job);
        int made = await RestAsync(refiner);
        Assert.InRange(made, 20, 399);
        Assert.Equal(RefineJobPhase.Cancelled, (await silos.Jobs.GetStatusAsync(Job))!.Phase);

        await silos.Jobs.ResumeAsync(Job);
        RefineJobStatus status = await silos.FinishAsync(Job);
        await AssertBalancedAsync(files, refiner, status, 400);
        Assert.All(refiner.Made.Values, count => Assert.Equal(1, count));
        Assert.Equal(400, status.Done); // the stop was in good order, so that nothing had to be found again
    }

    [Fact]
    public async Task A_job_survives_silos_that_die()
    {
        using TemporaryFolder folder = new();
        MemoryFiles files = new();
        FakeRefiner refiner = new(files) { Delay = TimeSpan.FromMilliseconds(20) };
        await using Silos silos = await Silos.StartAsync(3, files, refiner);
        await silos.Jobs.SubmitAsync(Manifests.Of(folder, 600), Job, new RefineJobOptions(), shardSize: 50);
        await silos.UntilAsync(Job, status => status.Done >= 50);
        await silos.KillAsync(2);
        await silos.UntilAsync(Job, status => status.Finished >= 250);
        await silos.KillAsync(1);
        RefineJobStatus status = await silos.FinishAsync(Job);
        await AssertBalancedAsync(files, refiner, status, 600);
    }

    [Fact]
    public async Task A_job_survives_the_end_of_its_whole_cluster()
    {
        using TemporaryFolder folder = new();
        MemoryFiles files = new();
        GrainStates states = new();
        FakeRefiner refiner = new(files) { Delay = TimeSpan.FromMilliseconds(10) };
        await using (Silos silos = await Silos.StartAsync(2, files, refiner, states))
        {
            await silos.Jobs.SubmitAsync(Manifests.Of(folder, 300), Job, new RefineJobOptions(), shardSize: 40);
            await silos.UntilAsync(Job, status => status.Done >= 50);
        }
        Assert.InRange(refiner.Made.Count, 50, 299);
        await using Silos others = await Silos.StartAsync(2, files, refiner, states);
        RefineJobStatus status = await others.FinishAsync(Job); // without another submission
        await AssertBalancedAsync(files, refiner, status, 300);
    }

    [Fact]
    public async Task A_job_survives_a_database_that_is_away()
    {
        using TemporaryFolder folder = new();
        MemoryFiles files = new();
        FakeRefiner refiner = new(files) { Delay = TimeSpan.FromMilliseconds(10) };
        await using Silos silos = await Silos.StartAsync(2, files, refiner);
        await silos.Jobs.SubmitAsync(Manifests.Of(folder, 400), Job, new RefineJobOptions(), shardSize: 50);
        await silos.UntilAsync(Job, status => status.Done >= 50);
        silos.States.IsCut = true;
        await Task.Delay(TimeSpan.FromSeconds(1));
        silos.States.IsCut = false;
        RefineJobStatus status = await silos.FinishAsync(Job);
        await AssertBalancedAsync(files, refiner, status, 400);
        Assert.All(refiner.Made.Values, count => Assert.Equal(1, count));
    }

    [Fact]
    public async Task Calls_and_writes_grow_with_shards_and_not_with_items()
    {
        const int shards = 100;
        (int fewCalls, int fewWrites) = await SimulateAsync(shards, itemsPerShard: 1);
        (int manyCalls, int manyWrites) = await SimulateAsync(shards, itemsPerShard: 100);
        // A shard takes two calls, one that takes it and one that ends it, and two writes of its state; the coordinator writes once for it.
        // While shards run, there are calls and writes per time. A hundred times as many items add some time.
        Assert.InRange(fewWrites, 3 * shards, 6 * shards);
        Assert.InRange(manyWrites, 3 * shards, 6 * shards);
        Assert.InRange(fewCalls, 2 * shards, 8 * shards);
        Assert.InRange(manyCalls, 2 * shards, 8 * shards);
    }

    /// <summary>The calls of the coordinator, and the writes of states.</summary>
    private static async Task<(int Calls, int Writes)> SimulateAsync(int shards, int itemsPerShard)
    {
        using TemporaryFolder folder = new();
        MemoryFiles files = new();
        FakeRefiner refiner = new(files);
        await using Silos silos = await Silos.StartAsync(3, files, refiner, configure: options =>
        {
            options.SaveInterval = TimeSpan.FromSeconds(5);
            options.LeaseTime = TimeSpan.FromSeconds(60);
            options.PollInterval = TimeSpan.FromSeconds(1);
        });
        await silos.Jobs.SubmitAsync(Manifests.Of(folder, shards * itemsPerShard), Job, new RefineJobOptions(), itemsPerShard);
        RefineJobStatus status = await silos.FinishAsync(Job);
        int calls = silos.Calls("JobGrain"), writes = silos.States.Writes;
        await AssertBalancedAsync(files, refiner, status, shards * itemsPerShard);
        Assert.InRange(silos.States.Largest, 1, 10_000);
        TestContext.Current.SendDiagnosticMessage(
            $"{shards} x {itemsPerShard}: {calls} calls, {writes} writes, {silos.States.Largest} bytes");
        return (calls, writes);
    }

    private static async Task AssertBalancedAsync(MemoryFiles files, FakeRefiner refiner, RefineJobStatus status, int items)
    {
        Assert.Equal((items, 0, items), (status.Items, status.Failed, status.Finished));
        Assert.Equal(items, refiner.Made.Count);
        JobVerification verified = await JobVerification.VerifyAsync(files, Job);
        Assert.Empty(verified.Problems);
        Assert.Equal((status.Done, status.Skipped), (verified.Done, verified.Skipped));
        Assert.All(
            files.Writes.Where(write => write.Path.StartsWith("refined/", StringComparison.Ordinal)).GroupBy(write => write.Path),
            writes => Assert.Single(writes.Select(write => write.Hash).Distinct()));
    }

    /// <summary>How many items were made when no more are made.</summary>
    private static async Task<int> RestAsync(FakeRefiner refiner)
    {
        while (true)
        {
            int made = refiner.Made.Count;
            await Task.Delay(TimeSpan.FromSeconds(1));
            if (refiner.Made.Count == made)
                return made;
        }
    }
}
