using Xunit;

namespace Spn.SystemTests.Packaging;

/// <summary>The tests of the package, which share one.</summary>
[CollectionDefinition(nameof(Packaging))]
public sealed class Packaging : ICollectionFixture<PackedSpn>;

/// <summary>Packs Spn once and publishes copies of tests/PackagedApp against the package, outside the repository.</summary>
public sealed class PackedSpn : IAsyncLifetime
{
    private readonly string _run = Guid.NewGuid().ToString("N");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("spn-package-");

    /// <summary>The folder of the packed nupkg and snupkg.</summary>
    public string Feed => Path.Combine(_folder.FullName, "feed");

    /// <summary>The packed version. Every run has its own, so that NuGet cannot take an older build from its cache.</summary>
    public string Version => $"0.1.0-test.{_run}";

    /// <summary>A version above it, of which nothing is packed yet.</summary>
    public string NewerVersion => $"0.2.0-test.{_run}";

    /// <summary>A new, empty folder.</summary>
    public string Scratch() => _folder.CreateSubdirectory(Guid.NewGuid().ToString("N")).FullName;

    public async ValueTask InitializeAsync()
        => await Pack("src/Spn", Version, Feed);

    /// <summary>Packs a project in a version.</summary>
    public async Task Pack(string project, string version, string feed)
        => await Dotnet(Repository.Root(), "pack", project, "-c", "Release", "-o", feed, "--artifacts-path", Scratch(), $"-p:Version={version}", "-p:RunAnalyzers=false");

    /// <summary>Publishes the app for Linux and returns its program's full path.</summary>
    /// <param name="folder">Where it is built and published.</param>
    /// <param name="properties">Build properties, such as <c>PublishSingleFile=true</c>.</param>
    public Task<string> Publish(string folder, params string[] properties) => PublishApp("PackagedApp", Feed, folder, [$"SpnVersion={Version}", .. properties]);

    /// <summary>Publishes an app of tests/ for Linux against the packages of a feed, and returns its program's full path.</summary>
    public static async Task<string> PublishApp(string name, string feed, string folder, string[] properties)
    {
        string app = Directory.CreateDirectory(Path.Combine(folder, "app")).FullName, published = Path.Combine(folder, "published");
        foreach (string file in Directory.GetFiles(Path.Combine(Repository.Root(), "tests", name)))
            File.Copy(file, Path.Combine(app, Path.GetFileName(file)));
        await Dotnet(app,
        [
            "publish", "-c", "Release", "-r", "linux-x64", "-o", published, $"-p:RestoreAdditionalProjectSources={feed}",
            // libtorch has half a gigabyte.
            "-p:CreateHardLinksForCopyLocalIfPossible=true", "-p:CreateHardLinksForPublishFilesIfPossible=true",
            .. properties.Select(property => $"-p:{property}"),
        ]);
        return Path.Combine(published, name);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        string packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        foreach (string package in new[] { "spn", "spn.training" })
            foreach (string version in new[] { Version, NewerVersion })
                if (Path.Combine(packages, package, version) is var cached && Directory.Exists(cached))
                    Directory.Delete(cached, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static async Task Dotnet(string where, params string[] arguments)
    {
        // Servers that outlive the build would keep its output open.
        ChildProcess build = await ChildProcess.Run(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [.. arguments, "-nodeReuse:false", "-p:UseSharedCompilation=false"], where);
        Assert.True(build.ExitCode == 0, build.Output);
    }
}
