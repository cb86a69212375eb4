using System.Text.RegularExpressions;
using Spn.Torch;
using Xunit;

namespace Spn.SystemTests.Packaging;

/// <summary>A newcomer's app, published in every way, turns to TorchSharp or Spn first and works.</summary>
[Collection(nameof(Packaging))]
public sealed class PublishedAppTests(PackedSpn spn) : IDisposable
{
    private const string FrameworkDependent = "SelfContained=false";
    private const string SelfContained = "SelfContained=true";
    private const string SingleFile = "PublishSingleFile=true";
    private const string WithTorch = "TorchPackage=TorchSharp-cpu";

    private const string Missing =
        "TorchSharp's native libraries are missing. Add a reference to TorchSharp-cpu, TorchSharp-cuda-linux or TorchSharp-cuda-windows, version 0.107.0";

    // Published apps are large, so each is gone with its test.
    private readonly string _folder = spn.Scratch();

    [Theory]
    [InlineData(FrameworkDependent, SingleFile)]
    [InlineData(SelfContained)]
    [InlineData(SelfContained, SingleFile, "IncludeNativeLibrariesForSelfExtract=true")]
    public async Task Works_however_it_is_published(params string[] properties)
    {
        LinuxOnly();
        string app = await spn.Publish(_folder, [WithTorch, .. properties]);
        var extracted = new Dictionary<string, string> { ["DOTNET_BUNDLE_EXTRACT_BASE_DIR"] = Folder("extracted") };
        await Works(app, "torch-first", extracted);
        await Works(app, "spn-first", extracted);
        await Refines(app, extracted);
    }

    [Fact]
    public async Task Works_in_processes_that_start_together_and_writes_nothing()
    {
        LinuxOnly();
        string app = await spn.Publish(_folder, WithTorch, FrameworkDependent);
        string home = Folder("home"), published = Path.GetDirectoryName(app)!;
        HashSet<string> files = [.. Directory.GetFiles(published)];
        Allow(UnixFileMode.UserRead | UnixFileMode.UserExecute, published, home);
        var environment = new Dictionary<string, string>
        {
            ["HOME"] = home, ["TMPDIR"] = home, ["XDG_CACHE_HOME"] = home,
            // The runtime's own sockets and pipes for debuggers.
            ["DOTNET_EnableDiagnostics"] = "0",
        };

        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Works(app, i % 2 == 0 ? "torch-first" : "spn-first", environment)));

        Assert.Empty(Directory.GetFileSystemEntries(home));
        Assert.Equal(files, [.. Directory.GetFiles(published)]);
    }

    [Fact]
    public async Task Does_nothing_where_the_library_loads_by_itself()
    {
        LinuxOnly();
        string app = await spn.Publish(_folder, WithTorch, FrameworkDependent), library = Path.Combine(Path.GetDirectoryName(app)!, "libLibTorchSharp.so");
        // A library that asks for no newer libstdc++ stands for a newer system. The file is replaced, not changed: it is NuGet's own by a hard link.
        byte[] patched = File.ReadAllBytes(library);
        Assert.Null(LibTorchSharpPatch.Apply(patched));
        File.Delete(library);
        File.WriteAllBytes(library, patched);
        Assert.Contains($"{library}, loaded by TorchSharp itself", await Works(app, "torch-first", []), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_the_packages_when_the_app_has_none()
    {
        LinuxOnly();
        string app = await spn.Publish(_folder, FrameworkDependent);
        // TorchSharp looks into NuGet's folder by itself.
        var environment = new Dictionary<string, string> { ["NUGET_PACKAGES"] = Folder("packages") };
        ChildProcess described = await ChildProcess.Run(app, ["spn-first"], Path.GetDirectoryName(app)!, environment);
        Assert.Contains($"Loading     {Missing}", described.Output, StringComparison.Ordinal);
        ChildProcess tensors = await ChildProcess.Run(app, ["torch-first"], Path.GetDirectoryName(app)!, environment);
        Assert.NotEqual(0, tensors.ExitCode);
        Assert.Contains(Missing, tensors.Output, StringComparison.Ordinal);
        await Refines(app, environment); // on the CPU it needs none
    }

    public void Dispose()
    {
        Allow(UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite, Directory.GetDirectories(_folder));
        Directory.Delete(_folder, recursive: true);
    }

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;

    private static async Task<string> Works(string app, string order, Dictionary<string, string> environment)
    {
        ChildProcess run = await ChildProcess.Run(app, [order], Path.GetDirectoryName(app)!, environment);
        Assert.True(run.ExitCode == 0, run.Output);
        Assert.Contains("torch says 6", run.Output, StringComparison.Ordinal);
        Assert.Contains("libtorch_cpu.so", run.Output, StringComparison.Ordinal);
        return run.Output;
    }

    private async Task Refines(string app, Dictionary<string, string> environment)
    {
        ChildProcess run = await ChildProcess.Run(app, ["refine", Folder("pictures")], Path.GetDirectoryName(app)!, environment);
        Match wrong = Regex.Match(run.Output, "wrong pixels: ([0-9]+) before, ([0-9]+) after");
        Assert.True(run.ExitCode == 0 && wrong.Success, run.Output);
        int before = int.Parse(wrong.Groups[1].Value), after = int.Parse(wrong.Groups[2].Value);
        Assert.True(after < before, run.Output);
    }

    private static void Allow(UnixFileMode mode, params string[] folders)
    {
        foreach (string changed in folders)
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(changed, mode);
    }

    private static void LinuxOnly() => Assert.SkipUnless(OperatingSystem.IsLinux(), "The apps are published for Linux.");
}
