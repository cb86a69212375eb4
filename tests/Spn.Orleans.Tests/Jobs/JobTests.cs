using Spn.Orleans.Tests.Cluster;
using Spn.Shared;
using Xunit;

namespace Spn.Orleans.Tests.Jobs;

/// <summary>Jobs with real masks on a disk.</summary>
public sealed class JobTests
{
    private static readonly RefineJobOptions s_options = new();

    [Fact]
    public async Task Every_item_is_refined_once_as_on_one_machine()
    {
        using TemporaryFolder folder = new();
        LocalStorage files = new(folder.Path);
        string manifest = Manifests.OfScenes(folder, 60);
        await using Silos silos = await Silos.StartAsync(3, files);

        await silos.Jobs.SubmitAsync(manifest, "job", s_options, shardSize: 7);
        RefineJobStatus status = await silos.FinishAsync("job");
        Assert.Equal((60, 60, 0, 0), (status.Items, status.Done, status.Failed, status.Skipped));
        Assert.Equal((9, 9), (status.Shards, status.FinishedShards));
        JobVerification verified = await JobVerification.VerifyAsync(files, "job");
        Assert.Empty(verified.Problems);
        Assert.Equal(60, verified.Done);
        Assert.Equal(60, Directory.GetFiles(folder.File("refined")).Length); // and no temporary file

        for (int i = 0; i < 60; i += 13)
        {
            byte[] photo = File.ReadAllBytes(folder.File($"images/{i}.jpg")), mask = File.ReadAllBytes(folder.File($"masks/{i}.png"));
            Fingerprint fingerprint = new(SpnModel.Fast, false, false, false, new MaskOptions(), false, false);
            byte[] expected = PngText.Add(Scene.Refined(photo, mask), Fingerprint.Keyword, fingerprint.Of(photo, mask));
            Assert.Equal(expected, File.ReadAllBytes(folder.File($"refined/{i}.png")));
        }
    }

    [Fact]
    public async Task What_is_done_is_skipped_and_what_has_changed_is_refined_again()
    {
        using TemporaryFolder folder = new();
        LocalStorage files = new(folder.Path);
        string manifest = Manifests.OfScenes(folder, 12);
        await using (Silos silos = await Silos.StartAsync(1, files))
        {
            await silos.Jobs.SubmitAsync(manifest, "first", s_options, shardSize: 5);
            await silos.FinishAsync("first");
            File.WriteAllBytes(folder.File("masks/3.png"), Scene.Mask(30));
            await silos.Jobs.SubmitAsync(manifest, "second", s_options, shardSize: 5);
            RefineJobStatus status = await silos.FinishAsync("second");
            Assert.Equal((1, 0, 11), (status.Done, status.Failed, status.Skipped));
        }
        Assert.Empty((await JobVerification.VerifyAsync(files, "second")).Problems);
        // The first job's output has been replaced, and the check says so.
        string problem = Assert.Single((await JobVerification.VerifyAsync(files, "first")).Problems);
        Assert.Contains("refined/3.png", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_files_are_results_with_reasons()
    {
        using TemporaryFolder folder = new();
        LocalStorage files = new(folder.Path);
        string manifest = Manifests.OfScenes(folder, 10);
        File.WriteAllBytes(folder.File("images/2.jpg"), [1, 2, 3]);
        File.Delete(folder.File("masks/5.png"));
        File.WriteAllBytes(folder.File("masks/7.png"), []);
        await using Silos silos = await Silos.StartAsync(2, files);

        await silos.Jobs.SubmitAsync(manifest, "job", s_options, shardSize: 4);
        RefineJobStatus status = await silos.FinishAsync("job");
        Assert.Equal((7, 3, 0), (status.Done, status.Failed, status.Skipped));
        Assert.Empty((await JobVerification.VerifyAsync(files, "job")).Problems);
        string results = string.Concat(Directory.GetFiles(folder.File("job/results")).Order().Select(File.ReadAllText));
        string[] failed = [.. results.Split('\n').Where(line => line.Contains("\"failed\"", StringComparison.Ordinal))];
        Assert.Equal(3, failed.Length);
        Assert.Contains("There is no file 'masks/5.png'.", failed[1], StringComparison.Ordinal);
        Assert.All(failed, line => Assert.Contains("\"reason\"", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_model_that_a_silo_cannot_load_is_a_problem_and_no_result()
    {
        using TemporaryFolder folder = new();
        LocalStorage files = new(folder.Path);
        string manifest = Manifests.OfScenes(folder, 4);
        string model = folder.File("model.safetensors");
        SpnModel.Fast.Save(model);
        byte[] content = File.ReadAllBytes(model);
        await using Silos silos = await Silos.StartAsync(1, files, configure: options => options.PollInterval = TimeSpan.FromSeconds(1));
        await silos.Jobs.SubmitAsync(manifest, "warm", s_options);
        await silos.FinishAsync("warm");

        // It changes between the submission and the first load.
        await silos.Jobs.SubmitAsync(manifest, "job", new RefineJobOptions { Model = "model.safetensors" });
        File.WriteAllBytes(model, [.. content[..^1], (byte)(content[^1] ^ 1)]);
        RefineJobStatus status = await silos.UntilAsync("job", status => status.Problem is not null || status.Finished > 0);
        if (status.Problem is not null) // otherwise the silo was faster
        {
            Assert.Contains("has changed since the job was submitted", status.Problem, StringComparison.Ordinal);
            Assert.Equal(0, status.Finished);
            File.WriteAllBytes(model, content);
        }
        status = await silos.FinishAsync("job");
        Assert.Equal((4, 0), (status.Done, status.Failed));
    }

    [Fact]
    public async Task A_folder_belongs_to_one_job()
    {
        using TemporaryFolder folder = new();
        LocalStorage files = new(folder.Path);
        string manifest = Manifests.OfScenes(folder, 2);
        await using Silos silos = await Silos.StartAsync(1, files);
        await silos.Jobs.SubmitAsync(manifest, "job", s_options);
        await silos.Jobs.SubmitAsync(manifest, "./job/", s_options); // the same
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => silos.Jobs.SubmitAsync(manifest, "job", s_options with { IsHard = true }));
        await silos.FinishAsync("job");
        await Assert.ThrowsAsync<InvalidOperationException>(() => silos.Jobs.CancelAsync("job"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => silos.Jobs.CancelAsync("another"));
        Assert.Null(await silos.Jobs.GetStatusAsync("another"));
    }
}
