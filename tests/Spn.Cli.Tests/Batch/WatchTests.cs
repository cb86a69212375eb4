using Xunit;

namespace Spn.Cli.Tests.Batch;

public sealed class WatchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_is_added_or_changed_is_refined()
    {
        _folder.File("photos/a.jpg", Scene.Photo(40));
        _folder.File("masks/a.png", Scene.Mask(40));
        _folder.File("photos/later.jpg", Scene.Photo(50));
        using SpnProcess process = SpnProcess.Start(_folder, "batch", "photos", "masks", "out", "--watch");
        await process.UntilAsync(() => IsRefined("a.png", 40, 40));
        Assert.False(File.Exists(_folder.File("out/later.png")));

        _folder.File("masks/later.png", Scene.Mask(50));
        await process.UntilAsync(() => IsRefined("later.png", 50, 50));

        _folder.File("masks/a.png", Scene.Mask(44));
        await process.UntilAsync(() => IsRefined("a.png", 40, 44));

        _folder.File("photos/new/b.jpg", Scene.Photo(60));
        _folder.File("masks/new/b.png", Scene.Mask(60));
        await process.UntilAsync(() => IsRefined("new/b.png", 60, 60));

        process.PressCtrlC();
        SpnProcess.Result result = await process.EndAsync();
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal(
            ["Refined a.jpg.", "Refined later.jpg.", "Refined a.jpg.", "Refined new/b.jpg."],
            result.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_bad_file_counts_until_it_is_mended()
    {
        _folder.File("photos/a.jpg", Scene.Photo(40));
        _folder.File("masks/a.png", "This is no picture."u8.ToArray());
        foreach (bool isMended in new[] { false, true })
        {
            using SpnProcess process = SpnProcess.Start(_folder, "batch", "photos", "masks", "out", "--watch");
            _folder.File("photos/b.jpg", Scene.Photo(50));
            _folder.File("masks/b.png", Scene.Mask(50));
            await process.UntilAsync(() => IsRefined("b.png", 50, 50));
            if (isMended)
            {
                _folder.File("masks/a.png", Scene.Mask(40));
                await process.UntilAsync(() => IsRefined("a.png", 40, 40));
            }
            process.PressCtrlC();
            SpnProcess.Result result = await process.EndAsync();
            Assert.True(result.ExitCode == (isMended ? 0 : 1), result.ToString());
            File.Delete(_folder.File("out/b.png"));
        }
    }

    private bool IsRefined(string name, int photo, int mask)
    {
        string path = _folder.File($"out/{name}");
        if (!File.Exists(path))
            return false;
        byte[] expected = Scene.Refined(Scene.Photo(photo), Scene.Mask(mask)), written = File.ReadAllBytes(path);
        return written.AsSpan().EndsWith(expected.AsSpan(33));
    }
}
