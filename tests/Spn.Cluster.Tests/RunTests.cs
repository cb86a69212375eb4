using Xunit;

namespace Spn.Cluster.Tests;

public sealed class RunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_manifest_is_refined_on_one_machine()
    {
        Tool.WriteScenes(_folder, 20);
        File.AppendAllText(
            _folder.File("manifest.jsonl"), """{"image": "images/none.jpg", "mask": "masks/0.png", "output": "refined/none.png"}""");
        SpnProcess.Result run = await Tool.Run(_folder, "run", "manifest.jsonl", "--shard-size", "8");
        Assert.True(run.ExitCode == 1, run.ToString());
        Assert.Equal("Finished: 21 of 21 masks, 20 refined, 1 failed\n", run.Text.ReplaceLineEndings("\n"));
        string results = File.ReadAllText(_folder.File("manifest/results/000002.jsonl"));
        Assert.Contains("There is no file 'images/none.jpg'.", results, StringComparison.Ordinal);

        SpnProcess.Result verify = await Tool.Run(_folder, "verify", "manifest");
        Assert.True(verify.ExitCode == 0, verify.ToString());
        File.Delete(_folder.File("refined/3.png"));
        verify = await Tool.Run(_folder, "verify", "manifest");
        Assert.True(verify.ExitCode == 1, verify.ToString());
        Assert.Contains("The output 'refined/3.png' is missing.", verify.Errors, StringComparison.Ordinal);

        run = await Tool.Run(_folder, "run", "manifest.jsonl", "--shard-size", "8");
        Assert.Equal("Finished: 21 of 21 masks, 1 refined, 19 were done before, 1 failed\n", run.Text.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task The_outputs_are_those_of_spn_batch()
    {
        Tool.WriteScenes(_folder, 3);
        SpnProcess.Result batch = await SpnProcess.Run(_folder, "batch", "images", "masks", "refined", "--limit");
        Assert.True(batch.ExitCode == 0, batch.ToString());
        byte[] output = File.ReadAllBytes(_folder.File("refined/1.png"));
        File.Delete(_folder.File("refined/1.png"));
        SpnProcess.Result run = await Tool.Run(_folder, "run", "manifest.jsonl", "--limit");
        Assert.Equal("Finished: 3 of 3 masks, 1 refined, 2 were done before", run.Text.Trim());
        Assert.Equal(output, File.ReadAllBytes(_folder.File("refined/1.png")));
    }

    [Theory]
    [InlineData("There is no manifest 'none.jsonl'.", "run", "none.jsonl")]
    [InlineData("There is no folder 'none'.", "run", "manifest.jsonl", "--root", "none")]
    [InlineData("There is no model 'none'.", "run", "manifest.jsonl", "--model", "none")]
    [InlineData("belongs to a job with another manifest, other options or another version", "run", "manifest.jsonl", "--hard")]
    [InlineData("Name a database", "status", "manifest")]
    [InlineData("expected an IP address", "start", "--address", "here")]
    [InlineData("expected a connection string", "start", "--database", "nonsense")]
    [InlineData("holds no job", "verify", "none")]
    [InlineData("Required argument missing", "submit")]
    public async Task Mistakes_are_explained_in_a_line(string message, params string[] arguments)
    {
        Tool.WriteScenes(_folder, 1);
        if (arguments.Contains("--hard"))
            await Tool.Run(_folder, "run", "manifest.jsonl");
        SpnProcess.Result result = await Tool.Run(_folder, arguments);
        Assert.True(result.ExitCode == 2, result.ToString());
        string line = Assert.Single(result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("spn-cluster: ", line, StringComparison.Ordinal);
        Assert.Contains(message, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_leaves_complete_files_and_the_next_run_goes_on()
    {
        Tool.WriteScenes(_folder, 80, side: 3);
        using (SpnProcess run = Tool.Start(_folder, "run", "manifest.jsonl", "--shard-size", "20"))
        {
            string refined = _folder.File("refined");
            await run.UntilAsync(() => Directory.Exists(refined) && Directory.GetFiles(refined, "*.png").Length >= 5);
            run.PressCtrlC();
            SpnProcess.Result stopped = await run.EndAsync();
            Assert.True(stopped.ExitCode == 130, stopped.ToString());
        }
        Assert.All(Directory.GetFiles(_folder.File("refined")), file => Assert.EndsWith(".png", file, StringComparison.Ordinal));
        SpnProcess.Result next = await Tool.Run(_folder, "run", "manifest.jsonl", "--shard-size", "20");
        Assert.True(next.ExitCode == 0, next.ToString());
        Assert.Contains("were done before", next.Text, StringComparison.Ordinal);
        Assert.Equal(80, Directory.GetFiles(_folder.File("refined")).Length);
    }
}
