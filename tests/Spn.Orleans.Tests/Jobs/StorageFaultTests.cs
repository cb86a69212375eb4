using Spn.Orleans.Tests.Cluster;
using Xunit;

namespace Spn.Orleans.Tests.Jobs;

/// <summary>Jobs with real masks whose storage has trouble: what is not the fault of an item must not fail it.</summary>
public sealed class StorageFaultTests : IDisposable
{
    private const int Items = 20;

    private readonly TemporaryFolder _folder = new();
    private readonly FaultyFiles _files;

    public StorageFaultTests() => _files = new FaultyFiles(new LocalStorage(_folder.Path));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_share_that_is_gone_fails_no_item()
    {
        await using Silos silos = await StartAsync();
        int reads = 0;
        _files.Read = path => _files.IsGone |= path.StartsWith("images/", StringComparison.Ordinal) && ++reads == 6;
        await silos.Jobs.SubmitAsync(Manifests.OfScenes(_folder, Items), "job", new RefineJobOptions(), shardSize: 5);
        RefineJobStatus status = await silos.UntilAsync("job", status => status.Problem is not null);
        Assert.Equal(0, status.Failed);
        (_files.Read, _files.IsGone) = (_ => { }, false);
        await AssertAllAreDoneAsync(silos);
    }

    [Fact]
    public async Task A_full_disk_fails_no_item()
    {
        await using Silos silos = await StartAsync();
        bool isFull = true;
        _files.Write = path =>
        {
            if (isFull && (path.StartsWith("refined/", StringComparison.Ordinal) || path == "job/storage-check"))
                throw new IOException("No space left on device.");
        };
        await silos.Jobs.SubmitAsync(Manifests.OfScenes(_folder, Items), "job", new RefineJobOptions(), shardSize: 5);
        RefineJobStatus status = await silos.UntilAsync("job", status => status.Problem is not null);
        Assert.Contains("No space left on device.", status.Problem, StringComparison.Ordinal);
        Assert.Equal(0, status.Failed);
        isFull = false;
        await AssertAllAreDoneAsync(silos);
    }

    [Fact]
    public async Task An_output_that_cannot_be_written_fails_alone()
    {
        await using Silos silos = await StartAsync();
        Directory.CreateDirectory(_folder.File("refined/3.png"));
        File.WriteAllBytes(_folder.File("refined/sub"), []);
        string manifest = Manifests.Write(
            _folder,
            Enumerable.Range(0, 8).Select(i => ($"images/{i}.jpg", $"masks/{i}.png", i == 5 ? "refined/sub/5.png" : $"refined/{i}.png")));
        string[] lines = File.ReadAllLines(manifest);
        Manifests.OfScenes(_folder, 8);
        File.WriteAllLines(manifest, lines);
        await silos.Jobs.SubmitAsync(manifest, "job", new RefineJobOptions());
        RefineJobStatus status = await silos.FinishAsync("job");
        Assert.Equal((6, 2, 0), (status.Done, status.Failed, status.Skipped));
        Assert.Null(status.Problem);
        Assert.Empty((await JobVerification.VerifyAsync(_files, "job")).Problems);
    }

    [Fact]
    public async Task Calls_that_time_out_are_tried_again()
    {
        // HTTP clients report a timeout as a cancelled task, which must not be taken for the end of the silo.
        await using Silos silos = await StartAsync();
        HashSet<string> seen = [];
        _files.Write = path =>
        {
            lock (seen)
            {
                if (path != "job/items/000000.jsonl" && seen.Add(path) && seen.Count % 2 == 0)
                    throw new TaskCanceledException("The request timed out.");
            }
        };
        string manifest = Manifests.OfScenes(_folder, Items);
        while (true)
        {
            try
            {
                await silos.Jobs.SubmitAsync(manifest, "job", new RefineJobOptions(), shardSize: 100);
                break;
            }
            catch (TaskCanceledException)
            {
                // As a user would.
            }
        }
        await AssertAllAreDoneAsync(silos);
    }

    [Fact]
    public async Task Outputs_survive_when_the_summary_cannot_be_written()
    {
        await using Silos silos = await StartAsync();
        bool isCut = true;
        _files.Write = path =>
        {
            if (isCut && path == "job/summary.json")
                throw new TaskCanceledException("The request timed out.");
        };
        await silos.Jobs.SubmitAsync(Manifests.OfScenes(_folder, Items), "job", new RefineJobOptions(), shardSize: 5);
        RefineJobStatus status = await silos.UntilAsync("job", status => status.Problem is not null);
        Assert.Contains("The summary cannot be written", status.Problem, StringComparison.Ordinal);
        isCut = false;
        await AssertAllAreDoneAsync(silos);
    }

    private Task<Silos> StartAsync() => Silos.StartAsync(
        2, _files, configure: options => options.StorageWaits = [TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(10)]);

    private async Task AssertAllAreDoneAsync(Silos silos)
    {
        RefineJobStatus status = await silos.FinishAsync("job");
        Assert.Equal((Items, 0, Items), (status.Finished, status.Failed, status.Items));
        JobVerification verified = await JobVerification.VerifyAsync(_files, "job");
        Assert.Empty(verified.Problems);
        Assert.Equal((status.Done, status.Skipped), (verified.Done, verified.Skipped));
    }
}
