using Xunit;

namespace Spn.Cli.Tests.Batch;

/// <summary>Ctrl+C in the middle of the work.</summary>
public sealed class InterruptTests : IDisposable
{
    private const int Photos = 80, Side = 6;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_batch_leaves_whole_files_only_and_goes_on_later()
    {
        byte[] photo = Scene.Photo(side: Side), mask = Scene.Mask(side: Side);
        for (int i = 0; i < Photos; i++)
        {
            _folder.File($"photos/{i:D2}.jpg", photo);
            _folder.File($"masks/{i:D2}.png", mask);
        }
        string output = _folder.File("out");
        using SpnProcess process = SpnProcess.Start(_folder, "batch", "photos", "masks", "out", "--jobs", "1");
        await process.UntilAsync(() => Directory.Exists(output) && Directory.GetFiles(output, "*.png").Length >= 2);
        process.PressCtrlC();
        SpnProcess.Result interrupted = await process.EndAsync();

        Assert.True(interrupted.ExitCode == 130, interrupted.ToString());
        Assert.Contains("Interrupted. Run the same command again to go on.", interrupted.Errors, StringComparison.Ordinal);
        string[] done = Directory.GetFiles(output);
        Assert.InRange(done.Length, 2, Photos - 1);
        byte[] expected = Scene.Refined(photo, mask);
        Assert.All(done, file => Assert.Equal(expected[33..], File.ReadAllBytes(file)[^(expected.Length - 33)..]));

        SpnProcess.Result rest = await SpnProcess.Run(_folder, "batch", "photos", "masks", "out");
        Assert.True(rest.ExitCode == 0, rest.ToString());
        Assert.StartsWith($"Refined {Photos - done.Length} of {Photos} in", rest.Text, StringComparison.Ordinal);
        Assert.EndsWith($", {done.Length} were done before.", rest.Text.Trim(), StringComparison.Ordinal);
        Assert.Equal(Photos, Directory.GetFiles(output).Length);
    }

    [Fact]
    public async Task Waiting_for_standard_input_can_be_ended()
    {
        _folder.File("mask.png", Scene.Mask());
        using SpnProcess process = SpnProcess.Start(_folder, "refine", "-", "mask.png", "-o", "out.png");
        await Task.Delay(1000, TestContext.Current.CancellationToken);
        process.PressCtrlC();
        SpnProcess.Result result = await process.EndAsync();
        Assert.True(result.ExitCode == 130, result.ToString());
        Assert.False(File.Exists(_folder.File("out.png")));
    }
}
