using System.Text.Json;
using Xunit;

namespace Spn.Cli.Tests.Batch;

public sealed class BatchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Masks_are_those_of_the_library_in_the_same_subfolders()
    {
        Add("a.jpg", "a.png", 40);
        Add("sub/deep/B.JPG", "sub/deep/b.PNG", 50);
        Add("sub/c.d.jpg", "sub/c.d.png", 60);
        SpnProcess.Result result = await Batch(0);
        Assert.Matches(@"^Refined 3 of 3 in \d+:\d\d \(\d+\.\d per second\)\.\n$", result.Text);
        Assert.Equal(["a.png", "sub/c.d.png", "sub/deep/B.png"], Outputs());
        foreach ((string name, int x) in new[] { ("a.png", 40), ("sub/c.d.png", 60), ("sub/deep/B.png", 50) })
        {
            byte[] expected = Scene.Refined(Scene.Photo(x), Scene.Mask(x)), written = Written(name);
            // Only the text chunk, which stands behind the header of 33 bytes, is added.
            Assert.Equal(expected[..33], written[..33]);
            Assert.Equal(expected[33..], written[^(expected.Length - 33)..]);
            Assert.Equal("tEXtspn:made-of\0"u8.ToArray(), written[37..53]);
        }
    }

    [Fact]
    public async Task What_is_done_is_skipped_until_something_changes()
    {
        Add("a.jpg", "a.png", 40);
        Add("b.jpg", "b.png", 50);
        await Batch(0);
        DateTime first = WriteTime("a.png");

        Assert.StartsWith("Refined 0 of 2 in 0:00, 2 were done before.", (await Batch(0)).Text, StringComparison.Ordinal);
        Assert.Equal(first, WriteTime("a.png"));

        _folder.File("masks/b.png", Scene.Mask(44));
        Assert.Contains("Refined 1 of 2", (await Batch(0)).Text, StringComparison.Ordinal);
        Assert.Equal(first, WriteTime("a.png"));
        _folder.File("photos/a.jpg", Scene.Photo(41));
        Assert.Contains("Refined 1 of 2", (await Batch(0)).Text, StringComparison.Ordinal);
        Assert.Contains("Refined 2 of 2", (await Batch(0, "--hard")).Text, StringComparison.Ordinal);
        Assert.Contains("Refined 2 of 2", (await Batch(0, "--hard", "-m", "quality")).Text, StringComparison.Ordinal);
        Assert.Contains("Refined 2 of 2", (await Batch(0, "--hard", "-m", "quality", "--force")).Text, StringComparison.Ordinal);
        // A file that somebody else put there is not one of ours.
        _folder.File("out/b.png", Scene.Mask());
        Assert.Contains("Refined 1 of 2", (await Batch(0, "--hard", "-m", "quality")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_file_does_not_stop_the_others()
    {
        Add("a.jpg", "a.png", 40);
        Add("c.jpg", "c.png", 60);
        _folder.File("photos/bad.jpg", "This is no picture."u8.ToArray());
        _folder.File("masks/bad.png", Scene.Mask());
        Add("cut.jpg", "cut.png", 50);
        byte[] cut = Scene.Mask();
        _folder.File("masks/cut.png", cut[..^40]);
        _folder.File("photos/lonely.jpg", Scene.Photo());
        _folder.File("photos/twin.jpg", Scene.Photo());
        _folder.File("photos/twin.png", Scene.Photo());
        _folder.File("photos/two.jpg", Scene.Photo());
        _folder.File("masks/two.jpg", Scene.Mask());
        _folder.File("masks/two.png", Scene.Mask());
        _folder.File("masks/twin.png", Scene.Mask());
        _folder.File("photos/notes.txt", "no photo"u8.ToArray());

        SpnProcess.Result result = await Batch(1);
        Assert.Matches(@"^Refined 3 of 8 in \d+:\d\d \(\d+\.\d per second\), 5 failed\.\n$", result.Text);
        string[] lines = result.Errors.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Collection(
            lines,
            line => Assert.StartsWith("  bad.jpg: 'photos/bad.jpg' is not an image", line, StringComparison.Ordinal),
            line => Assert.StartsWith("  cut.jpg: 'masks/cut.png' is truncated or damaged", line, StringComparison.Ordinal),
            line => Assert.Equal(
                "  lonely.jpg: No mask. Expected masks/lonely.png (or .jpg, .jpeg, .webp, .bmp or .gif).", line),
            line => Assert.StartsWith(
                "  twin.png: 'twin.jpg' has the same name, so both would become 'out/twin.png'.", line, StringComparison.Ordinal),
            line => Assert.StartsWith("  two.jpg: Several masks: two.png, two.jpg. Remove all but one", line, StringComparison.Ordinal));
        Assert.Equal(["a.png", "c.png", "twin.png"], Outputs());
    }

    [Fact]
    public async Task The_report_lists_failures_in_JSON()
    {
        Add("a.jpg", "a.png", 40);
        _folder.File("photos/lonely.jpg", Scene.Photo());
        SpnProcess.Result result = await Batch(1, "--json");
        JsonElement report = JsonDocument.Parse(result.Text).RootElement;
        Assert.Equal("", result.Errors);
        Assert.Equal((2, 1, 0), (
            report.GetProperty("photos").GetInt32(), report.GetProperty("refined").GetInt32(), report.GetProperty("skipped").GetInt32()));
        JsonElement failure = Assert.Single(report.GetProperty("failures").EnumerateArray());
        Assert.Equal("lonely.jpg", failure.GetProperty("photo").GetString());
        Assert.StartsWith("No mask. Expected masks/lonely.png", failure.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Photos_and_masks_may_share_a_folder()
    {
        _folder.File("all/x.jpg", Scene.Photo(40));
        _folder.File("all/x_mask.png", Scene.Mask(40));
        _folder.File("all/y.jpg", Scene.Photo(50));
        _folder.File("all/y_mask.png", Scene.Mask(50));
        // The second run finds the first one's outputs among the inputs, where they are no photos.
        foreach (string summary in new[] { "Refined 2 of 2", "Refined 0 of 2" })
        {
            SpnProcess.Result result = await SpnProcess.Run(
                _folder, "batch", "all", "all", "all/out", "--mask-names", "{name}_mask.png");
            Assert.True(result.ExitCode == 0, result.ToString());
            Assert.Contains(summary, result.Text, StringComparison.Ordinal);
        }
        string[] outputs = [.. Directory.GetFiles(_folder.File("all/out")).Select(file => Path.GetFileName(file))];
        Assert.Equal(["x.png", "y.png"], outputs.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Capital_letters_matter_only_where_they_must()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Names differ in capital letters alone.");
        Add("UP.JPG", "up.png", 40);
        Add("a/X.jpg", "a/X.png", 40);
        _folder.File("masks/a/x.png", Scene.Mask(50));
        _folder.File("photos/b/Y.jpg", Scene.Photo());
        _folder.File("masks/b/y.png", Scene.Mask());
        _folder.File("masks/b/y.PNG", Scene.Mask());
        SpnProcess.Result result = await Batch(1);
        Assert.Equal(["UP.png", "a/X.png"], Outputs());
        Assert.True(Written("a/X.png").AsSpan().EndsWith(Scene.Refined(Scene.Photo(40), Scene.Mask(40)).AsSpan(33)));
        Assert.Contains("b/Y.jpg: Several masks: b/y.", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Photo_names_choose_among_files()
    {
        Add("a.jpg", "a.png", 40);
        Add("b.png", "b.png", 40);
        Assert.Contains("Refined 1 of 1", (await Batch(0, "--photo-names", "*.jpg")).Text, StringComparison.Ordinal);
        Assert.Equal(["a.png"], Outputs());
    }

    [Fact]
    public async Task Label_maps_are_recognized_too()
    {
        _folder.File("photos/a.jpg", Scene.Photo());
        _folder.File("masks/a.png", Scene.Labels());
        await Batch(0, "--labels", "--jobs", "1");
        LabelMap expected = SpnRefiner.Refine(Scene.Photo(), LabelMap.Load(Scene.Labels().AsMemory()));
        LabelMap refined = LabelMap.Load(_folder.File("out/a.png"));
        Assert.Equal(expected.Labels.ToArray(), refined.Labels.ToArray());
        Assert.Equal(expected.Palette, refined.Palette);
        Assert.Contains("1 were done before", (await Batch(0, "--labels")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cut_outs_replace_masks_if_asked_for()
    {
        Add("a.jpg", "a.png", 40);
        await Batch(0);
        Assert.Contains("Refined 1 of 1", (await Batch(0, "--cutouts")).Text, StringComparison.Ordinal);
        Assert.Contains("1 were done before", (await Batch(0, "--cutouts")).Text, StringComparison.Ordinal);
        using MemoryStream file = new();
        SpnRefiner.CutOut(Scene.Photo(40), Scene.Mask(40)).Save(file);
        Assert.True(Written("a.png").AsSpan().EndsWith(file.ToArray().AsSpan(33)));
    }

    [Fact]
    public async Task Shards_are_disjoint_and_together_complete()
    {
        const int Shards = 3;
        string[] names = [.. Enumerable.Range(0, 12).Select(i => $"p{i:D2}")];
        byte[] photo = Scene.Photo(), mask = Scene.Mask();
        foreach (string name in names)
        {
            _folder.File($"photos/{name}.jpg", photo);
            _folder.File($"masks/{name}.png", mask);
        }
        List<string> refined = [];
        for (int i = 1; i <= Shards; i++)
        {
            SpnProcess.Result result = await SpnProcess.Run(_folder, "batch", "photos", "masks", $"out{i}", "--shard", $"{i}/{Shards}");
            Assert.True(result.ExitCode == 0, result.ToString());
            string[] part = [.. Directory.GetFiles(_folder.File($"out{i}")).Select(file => Path.GetFileNameWithoutExtension(file))];
            Assert.NotEmpty(part);
            refined.AddRange(part);
        }
        Assert.Equal(names, refined.Order(StringComparer.Ordinal));
    }

    private void Add(string photo, string mask, int x)
    {
        _folder.File($"photos/{photo}", Scene.Photo(x));
        _folder.File($"masks/{mask}", Scene.Mask(x));
    }

    private async Task<SpnProcess.Result> Batch(int exitCode, params string[] options)
    {
        SpnProcess.Result result = await SpnProcess.Run(_folder, ["batch", "photos", "masks", "out", .. options]);
        Assert.True(result.ExitCode == exitCode, result.ToString());
        return result;
    }

    private string[] Outputs()
        => [.. Directory.GetFiles(_folder.File("out"), "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(_folder.File("out"), file).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    private byte[] Written(string name) => File.ReadAllBytes(_folder.File($"out/{name}"));

    private DateTime WriteTime(string name) => File.GetLastWriteTimeUtc(_folder.File($"out/{name}"));
}
