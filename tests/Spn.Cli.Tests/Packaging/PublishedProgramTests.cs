using System.IO.Compression;
using Xunit;

namespace Spn.Cli.Tests.Packaging;

/// <summary>The two forms in which users get the program, built of the same library.</summary>
public sealed class PublishedProgramTests : IClassFixture<PublishedProgramTests.BuildFolder>, IDisposable
{
    /// <summary>A folder of its own for what is built, so that nothing disturbs other builds of this checkout.</summary>
    public sealed class BuildFolder : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public string Version { get; } = $"0.1.0-test.{Guid.NewGuid():N}";

        public string[] Arguments =>
        [
            $"-p:Version={Version}", "--artifacts-path", _folder.Path,
            "-p:RunAnalyzers=false", "-nodeReuse:false", "-p:UseSharedCompilation=false",
        ];

        public void Dispose() => _folder.Dispose();
    }

    private const long Megabyte = 1 << 20;

    private readonly TemporaryFolder _folder = new();
    private readonly BuildFolder _build;

    public PublishedProgramTests(BuildFolder build)
    {
        _build = build;
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The program is published for Linux.");
        _folder.File("photo.jpg", Scene.Photo());
        _folder.File("mask.png", Scene.Mask());
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_tool_installs_from_a_feed()
    {
        string feed = _folder.File("feed");
        await Dotnet(["pack", Project, "-c", "Release", "-o", feed, .. _build.Arguments]);
        string package = Assert.Single(Directory.GetFiles(feed, "*.nupkg"));
        Assert.InRange(new FileInfo(package).Length, 1, 60 * Megabyte);
        using (ZipArchive content = ZipFile.OpenRead(package))
        {
            Assert.Contains(content.Entries, entry => entry.Name == "README.md");
            Assert.DoesNotContain(content.Entries, entry => entry.Name.Contains("LibTorchSharp", StringComparison.Ordinal));
            Assert.DoesNotContain(content.Entries, entry => entry.Name == "libSkiaSharp.pdb");
        }

        await Dotnet("tool", "install", "Spn.Cli", "--version", _build.Version, "--add-source", feed, "--tool-path", _folder.File("tools"));
        await Refines(_folder.File(Path.Combine("tools", "spn")));
        Assert.Equal(Scene.Refined(Scene.Photo(), Scene.Mask()), File.ReadAllBytes(_folder.File("photo-refined.png")));
    }

    [Fact]
    public async Task The_native_executable_is_small_and_needs_no_runtime()
    {
        string published = _folder.File("published");
        await Dotnet(
        [
            "publish", Project, "-c", "Release", "-r", "linux-x64", "-o", published,
            "-p:PublishAot=true", "-p:CppCompilerAndLinker=gcc", .. _build.Arguments,
        ]);
        Assert.Equal(["libSkiaSharp.so", "spn"], Directory.GetFiles(published).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.InRange(Directory.GetFiles(published).Sum(file => new FileInfo(file).Length), 1, 40 * Megabyte);

        string program = Path.Combine(published, "spn");
        await Refines(program);
        // It is compiled for vectors of 256 bits, the library in this process for what the processor has.
        Mask refined = Mask.Load(_folder.File("photo-refined.png")), expected = Mask.Load(Scene.Refined(Scene.Photo(), Scene.Mask()));
        Assert.All(refined.Pixels.ToArray().Zip(expected.Pixels.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 0.01f));

        // Whatever uses reflection fails here: JSON, resources, the progress, the version.
        _folder.File("photos/photo.jpg", Scene.Photo());
        _folder.File("masks/photo.png", Scene.Mask());
        _folder.File("annotations.xml", """
            <annotations><image name="photo.jpg" width="96" height="64"><polygon points="30,20;60,20;60,50;30,50"/></image></annotations>
            """u8.ToArray());
        _folder.File("tasks.json", """
            [ { "id": 1, "data": { "image": "photo.jpg" }, "annotations": [ { "result": [ {
              "id": "a", "original_width": 96, "original_height": 64, "value": { "points": [[30, 20], [60, 20], [60, 50]] } } ] } ] } ]
            """u8.ToArray());
        string[] commands =
        [
            "annotations photos annotations.xml -o refined.xml", "annotations photos tasks.json -o refined.json --json",
            "refine photo.jpg mask.png --json --compare compared.png --cutout cut.png", "batch photos masks out --json",
            "compare mask.png photo-refined.png", "affinity photo.jpg 48 33", "doctor", "completion zsh", "--version",
        ];
        foreach (string command in commands)
        {
            SpnProcess.Result result = await Run(program, command.Split(' '));
            Assert.True(result.ExitCode == 0 && result.Errors.Length == 0 && result.Output.Length > 0, $"{command}: {result}");
        }
        using (ServerProcess server = await ServerProcess.StartAsync(arguments => SpnProcess.StartProgram(program, _folder, arguments)))
        {
            Assert.Equal(File.ReadAllBytes(_folder.File("photo-refined.png")), await server.RefineAsync());
            foreach (string address in new[] { "health", "metrics", "openapi.json", "page.js" })
                Assert.NotEmpty(await server.Client.GetStringAsync(address, TestContext.Current.CancellationToken));
        }
        SpnProcess.Result help = await Run(program, "refine", "--help");
        Assert.Contains("  spn refine <photo> <mask>", help.Text, StringComparison.Ordinal);
    }

    private static string Project => Path.Combine(Repository.Root(), "src", "Spn.Cli");

    private async Task Refines(string program)
    {
        SpnProcess.Result result = await Run(program, "refine", "photo.jpg", "mask.png");
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.StartsWith("Wrote photo-refined.png: 96 x 64 pixels", result.Text, StringComparison.Ordinal);
    }

    private async Task<SpnProcess.Result> Run(string program, params string[] arguments)
    {
        using SpnProcess process = SpnProcess.StartProgram(program, _folder, arguments);
        return await process.EndAsync();
    }

    private async Task Dotnet(params string[] arguments)
    {
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        ChildProcess build = await ChildProcess.Run(dotnet, arguments, _folder.Path);
        Assert.True(build.ExitCode == 0, build.Output);
    }
}
