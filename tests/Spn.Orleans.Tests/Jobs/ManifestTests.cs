using Spn.Orleans.Jobs;
using Spn.Orleans.Storage;
using Spn.Orleans.Tests.Cluster;
using Xunit;

namespace Spn.Orleans.Tests.Jobs;

public sealed class ManifestTests
{
    [Theory]
    [InlineData("nonsense", "Line 1 of the manifest: expected")]
    [InlineData("""{"image": "a.jpg", "mask": "a.png"}""", "expected the properties image, mask and output")]
    [InlineData("""{"image": "a.jpg", "mask": "", "output": "b.png"}""", "names no file")]
    [InlineData("""{"image": "../a.jpg", "mask": "a.png", "output": "b.png"}""", "leads out of its storage")]
    [InlineData("""{"image": "a.jpg", "mask": "a.png", "output": "b.jpg"}""", "ends with .png")]
    [InlineData("""{"image": "a.jpg", "mask": "a.png", "output": "job/b.png"}""", "lies in the job's folder")]
    [InlineData("""{"image": "a.jpg", "mask": "a.png", "output": "x/.././A.png"}""", "would overwrite an input")]
    [InlineData("""{"image": "a.jpg", "mask": "a.png", "output": "/data/b.png"}""", "is absolute")]
    [InlineData("", "has no items")]
    public async Task Wrong_lines_are_refused(string line, string message)
    {
        using TemporaryFolder folder = new();
        string path = folder.File("manifest.jsonl");
        File.WriteAllText(path, line);
        InvalidDataException e = await Assert.ThrowsAsync<InvalidDataException>(() => new ManifestFile(path).CheckAsync("job", default));
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_output_is_named_once()
    {
        using TemporaryFolder folder = new();
        string path = Manifests.Write(
            folder, [("a.jpg", "a.png", "x/1.png"), ("b.jpg", "b.png", "x/2.png"), ("c.jpg", "c.png", "x//1.png")]);
        InvalidDataException e = await Assert.ThrowsAsync<InvalidDataException>(() => new ManifestFile(path).CheckAsync("job", default));
        Assert.Contains("'x/1.png' twice", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Empty_lines_and_other_properties_are_ignored()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("manifest.jsonl");
        File.WriteAllText(path, "\n{\"image\": \"./a.jpg\", \"mask\": \"a.png\", \"output\": \"b.png\", \"status\": \"failed\"}\n\n");
        ManifestFile manifest = new(path);
        await manifest.CheckAsync("job", default);
        Assert.Equal(1, manifest.Items);
        Assert.Equal(new ManifestItem("a.jpg", "a.png", "b.png"), await manifest.ReadAsync(default).SingleAsync());
    }

    [Fact]
    public async Task A_local_storage_stays_in_its_folder()
    {
        using TemporaryFolder folder = new();
        LocalStorage files = new(folder.Path);
        await files.WriteAsync("a/b.txt", new byte[] { 1 }, default);
        Assert.Equal([1], await files.ReadAsync("x/../a/b.txt", default));
        Assert.Null(await files.ReadAsync("a/c.txt", default));
        await Assert.ThrowsAsync<ArgumentException>(() => files.ReadAsync("/etc/hostname", default));
        await Assert.ThrowsAsync<ArgumentException>(() => files.WriteAsync($"{folder.Path}/x", default, default));
        await Assert.ThrowsAsync<ArgumentException>(() => files.ReadAsync("../x", default));
        Assert.Throws<DirectoryNotFoundException>(() => new LocalStorage(folder.File("none")));
        Assert.Equal(["b.txt"], Directory.GetFiles(folder.File("a")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_file_may_have_the_longest_name_of_its_system()
    {
        using TemporaryFolder folder = new();
        string name = new string('a', 251) + ".png";
        await new LocalStorage(folder.Path).WriteAsync($"new/folder/{name}", new byte[] { 1 }, default);
        Assert.Equal([name], Directory.GetFiles(folder.File("new/folder")).Select(Path.GetFileName));
    }

    [Fact]
    public void Equal_paths_are_equal_after_normalization()
        => Assert.Equal("a/b/c", StoragePath.Normalize("a//./x/../b/c/"));
}
