using Spn.Orleans.Grains;
using Spn.Orleans.Jobs;
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
    public async Task A_job_that_is_cancelled_while_the_database_is_away_stays_cancelled()
    {
        using TemporaryFolder folder = new();
        MemoryFiles files = new();
        GrainStates states = new();
        FakeRefiner refiner = new(files) { Delay = TimeSpan.FromMilliseconds(20) };
        await using (Silos silos = await Silos.StartAsync(1, files, refiner, states))
        {
            await silos.Jobs.SubmitAsync(Manifests.Of(folder, 400), Job, new RefineJobOptions(), shardSize: 50);
            await silos.UntilAsync(Job, status => status.Done >= 20);
            states.IsCut = true;
            await Assert.ThrowsAnyAsync<Exception>(() => silos.Jobs.CancelAsync(Job));
            states.IsCut = false;
            while ((await silos.Grains.GetGrain<IJobListGrain>(JobListGrain.Key).GetAsync()).Count > 0)
                await Task.Delay(20);
        }
        await using Silos others = await Silos.StartAsync(1, files, refiner, states);
        Assert.Equal(RefineJobPhase.Cancelled, (await others.Jobs.GetStatusAsync(Job))!.Phase);
        await others.Jobs.ResumeAsync(Job);
        await AssertBalancedAsync(files, refiner, await others.FinishAsync(Job), 400);
    }

    [Fact]
    public async Task A_job_is_resumed_while_its_items_still_end()
    {
        using TemporaryFolder folder = new();
        MemoryFiles files = new();
        TaskCompletionSource ending = new();
        FakeRefiner refiner = new(files) { Hold = item => item.Image == "image7.jpg" ? ending.Task : Task.CompletedTask };
        await using Silos silos = await Silos.StartAsync(
            1, files, refiner, configure: options => options.LeaseTime = TimeSpan.FromHours(1));
        await silos.Jobs.SubmitAsync(Manifests.Of(folder, 100), Job, new RefineJobOptions(), shardSize: 50);
        await silos.UntilAsync(Job, status => status.Done >= 50);
        await silos.Jobs.CancelAsync(Job);
        await Task.Delay(TimeSpan.FromSeconds(1)); // the shard learns it with its next report, and waits for its last item
        await silos.Jobs.ResumeAsync(Job);
        await Task.Delay(TimeSpan.FromSeconds(1)); // the silo takes it again
        ending.SetResult();
        RefineJobStatus status = await silos.FinishAsync(Job);
        await AssertBalancedAsync(files, refiner, status, 100);
    }

    [Fact]
    public async Task An_activation_that_starts_too_late_changes_no_results()
    {
        using TemporaryFolder folder = new();
        MemoryFiles files = new();
        FakeRefiner refiner = new(files);
        await using Silos silos = await Silos.StartAsync(2, files, refiner);
        await silos.Jobs.SubmitAsync(Manifests.Of(folder, 100), Job, new RefineJobOptions(), shardSize: 50);
        RefineJobStatus status = await silos.FinishAsync(Job);
        // As a coordinator does that does not know yet that another one has replaced it.
        Job job = (await new JobFolder(files, Job).ReadJobAsync(default))!;
        int writes = files.Writes.Count;
        await silos.Grains.GetGrain<IShardGrain>(1, Job).StartAsync(job);
        while (files.Writes.Count == writes)
            await Task.Delay(20);
        await AssertBalancedAsync(files, refiner, status, 100);
        Assert.Equal(100, status.Done);
    }

    [Fact]
    public async Task What_is_stored_of_a_shard_survives_a_storage_that_is_away()
    {
        using TemporaryFolder folder = new();
        MemoryFiles memory = new();
        FaultyFiles files = new(memory);
        GrainStates states = new();
        FakeRefiner refiner = new(memory) { Delay = TimeSpan.FromMilliseconds(10) };
        await using (Silos silos = await Silos.StartAsync(1, files, refiner, states))
        {
            await silos.Jobs.SubmitAsync(Manifests.Of(folder, 200), Job, new RefineJobOptions(), shardSize: 100);
            await silos.UntilAsync(Job, status => status.Done >= 20);
        }
        files.IsGone = true;
        await using Silos others = await Silos.StartAsync(1, files, refiner, states);
        await others.UntilAsync(Job, status => status.Problem is not null);
        files.IsGone = false;
        RefineJobStatus status = await others.FinishAsync(Job);
        await AssertBalancedAsync(memory, refiner, status, 200);
        Assert.Equal(200, status.Done); // nothing had to be found again
    }

    [Fact]
    public async Task An_item_that_needs_much_memory_is_refined_alone()
    {
        using TemporaryFolder folder = new();
        MemoryFiles files = new();
        int running = 0;
        FakeRefiner refiner = new(files)
        {
            Hold = async item =>
            {
                int others = Interlocked.Increment(ref running) - 1;
                try
                {
                    await Task.Delay(5);
                    if (item.Image == "image1.jpg" || (item.Image == "image11.jpg" && others > 0))
                        throw new InsufficientMemoryException("There is too little memory.");
                }
                finally
                {
                    Interlocked.Decrement(ref running);
                }
            },
        };
        await using Silos silos = await Silos.StartAsync(1, files, refiner, configure: options => options.MaxConcurrency = 4);
        await silos.Jobs.SubmitAsync(Manifests.Of(folder, 40), Job, new RefineJobOptions(), shardSize: 20);
        RefineJobStatus status = await silos.FinishAsync(Job);
        Assert.Equal((39, 1, 0), (status.Done, status.Failed, status.Skipped));
        string results = System.Text.Encoding.UTF8.GetString((await files.ReadAsync("job/results/000000.jsonl", default))!);
        Assert.Contains("There is too little memory.", results.Split('\n')[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_shard_with_other_items_than_were_submitted_is_a_problem()
    {
        using TemporaryFolder folder = new();
        MemoryFiles memory = new();
        FaultyFiles files = new(memory);
        files.Write = path =>
        {
            if (path == "job/job.json") // the other parts are written
                memory.WriteAsync("job/items/000001.jsonl", memory.ReadAsync("job/items/000002.jsonl", default).Result, default).Wait();
        };
        FakeRefiner refiner = new(memory);
        await using Silos silos = await Silos.StartAsync(1, files, refiner);
        await silos.Jobs.SubmitAsync(Manifests.Of(folder, 25), Job, new RefineJobOptions(), shardSize: 10);
        RefineJobStatus status = await silos.UntilAsync(Job, status => status.FinishedShards == 2 && status.Problem is not null);
        Assert.Contains("Shard 1 has 5 items; expected 10.", status.Problem, StringComparison.Ordinal);
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
        TaskCompletionSource second = new();
        FakeRefiner refiner = new(files)
        {
            Delay = TimeSpan.FromMilliseconds(10),
            Hold = item => item.Image.EndsWith("7.jpg", StringComparison.Ordinal) ? second.Task : Task.CompletedTask,
        };
        await using (Silos silos = await Silos.StartAsync(2, files, refiner, states))
        {
            await silos.Jobs.SubmitAsync(Manifests.Of(folder, 300), Job, new RefineJobOptions(), shardSize: 40);
            await silos.UntilAsync(Job, status => status.Done >= 20);
        }
        Assert.InRange(refiner.Made.Count, 20, 270);
        second.SetResult();
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

    internal static async Task AssertBalancedAsync(MemoryFiles files, FakeRefiner refiner, RefineJobStatus status, int items)
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
