using Xunit;

namespace Spn.SystemTests.Packaging;

/// <summary>The tests of the package, which share one.</summary>
[CollectionDefinition(nameof(Packaging))]
public sealed class Packaging : ICollectionFixture<PackedSpn>;

/// <summary>Packs Spn once and publishes copies of tests/PackagedApp against the package, outside the repository.</summary>
public sealed class PackedSpn : IAsyncLifetime
{
    // A version of its own, so that NuGet cannot take an older build from its cache.
    private readonly string _version = $"0.0.0-test.{Guid.NewGuid():N}";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("spn-package-");

    /// <summary>The folder of the packed nupkg and snupkg.</summary>
    public string Feed => Path.Combine(_folder.FullName, "feed");

    /// <summary>A new, empty folder.</summary>
    public string Scratch() => _folder.CreateSubdirectory(Guid.NewGuid().ToString("N")).FullName;

    public async ValueTask InitializeAsync()
        => await Dotnet(Repository.Root(), "pack", "src/Spn", "-c", "Release", "-o", Feed, "--artifacts-path", Scratch(), $"-p:PackageVersion={_version}", "-p:RunAnalyzers=false");

    /// <summary>Publishes the app for Linux and returns its program's full path.</summary>
    /// <param name="folder">Where it is built and published.</param>
    /// <param name="properties">Build properties, such as <c>PublishSingleFile=true</c>.</param>
    public async Task<string> Publish(string folder, params string[] properties)
    {
        string app = Directory.CreateDirectory(Path.Combine(folder, "app")).FullName, published = Path.Combine(folder, "published");
        foreach (string file in Directory.GetFiles(Path.Combine(Repository.Root(), "tests", "PackagedApp")))
            File.Copy(file, Path.Combine(app, Path.GetFileName(file)));
        await Dotnet(app,
        [
            "publish", "-c", "Release", "-r", "linux-x64", "-o", published, $"-p:SpnVersion={_version}", $"-p:RestoreAdditionalProjectSources={Feed}",
            // libtorch has half a gigabyte.
            "-p:CreateHardLinksForCopyLocalIfPossible=true", "-p:CreateHardLinksForPublishFilesIfPossible=true",
            .. properties.Select(property => $"-p:{property}"),
        ]);
        return Path.Combine(published, "PackagedApp");
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        string packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        if (Path.Combine(packages, "spn", _version) is var cached && Directory.Exists(cached))
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
