using System.Text.RegularExpressions;
using Xunit;

namespace Spn.SystemTests.Packaging;

/// <summary>An app that references Spn alone, published in every way: it refines on the CPU, without libtorch.</summary>
[Collection(nameof(Packaging))]
public sealed partial class CpuAppTests(PackedSpn spn, ITestOutputHelper output) : IDisposable
{
    private const long Megabyte = 1 << 20;

    private readonly string _folder = spn.Scratch();

    [Fact]
    public async Task It_refines_and_stays_small()
    {
        string app = await Publish("SelfContained=false");
        await Refines(app, "libcoreclr.so", "libclrjit.so", "libhostfxr.so", "libhostpolicy.so");
        Assert.InRange(Size(app), 0, 30 * Megabyte);
    }

    [Fact]
    public async Task It_can_be_trimmed()
        => await Refines(
            await Publish("SelfContained=true", "PublishTrimmed=true"), "libcoreclr.so", "libclrjit.so", "libhostfxr.so", "libhostpolicy.so");

    [Fact]
    public async Task It_can_be_native()
    {
        string app = await Publish("PublishAot=true", "CppCompilerAndLinker=gcc");
        await Refines(app);
        Assert.False(File.Exists(Path.Combine(Path.GetDirectoryName(app)!, "TorchSharp.dll")));
        Assert.InRange(new FileInfo(app).Length, 0, 20 * Megabyte);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Task<string> Publish(params string[] properties)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The apps are published for Linux.");
        return PackedSpn.PublishApp("CpuApp", spn.Feed, _folder, [$"SpnVersion={spn.Version}", .. properties]);
    }

    private async Task Refines(string app, params string[] runtime)
    {
        string pictures = Directory.CreateDirectory(Path.Combine(_folder, "pictures")).FullName;
        ChildProcess run = await ChildProcess.Run(app, [pictures], Path.GetDirectoryName(app)!, new() { ["NUGET_PACKAGES"] = pictures });
        output.WriteLine(run.Output);
        Assert.True(run.ExitCode == 0, run.Output);
        Dictionary<string, double> overlaps = Overlap().Matches(run.Output).ToDictionary(
            match => match.Groups[1].Value, match => double.Parse(match.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(["Fast", "Quality", "classes", "default", "edges", "labels"], overlaps.Keys.Order(StringComparer.Ordinal));
        Assert.All(overlaps, overlap => Assert.InRange(overlap.Value, overlap.Key == "edges" ? 0.84 : 0.98, 1)); // the coarse mask has 0.83
        Assert.Contains("tiles: 3", run.Output, StringComparison.Ordinal);
        Assert.Contains("cut-out: 8", run.Output, StringComparison.Ordinal);

        // The system's own libraries, the runtime's, and the image decoder's.
        string[] allowed = ["libSkiaSharp.so", "libc.so", "libm.so", "libdl.so", "librt.so", "libpthread.so", "libgcc_s.so", "libstdc++.so", "ld-linux", .. runtime];
        string[] loaded = [.. Library().Matches(run.Output).Select(match => match.Groups[1].Value)];
        Assert.Contains(loaded, name => name.StartsWith("libSkiaSharp", StringComparison.Ordinal));
        Assert.All(loaded, name => Assert.True(
            name.StartsWith("libSystem.", StringComparison.Ordinal) || allowed.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)), name));
    }

    private static long Size(string app) => Directory.GetFiles(Path.GetDirectoryName(app)!).Sum(file => new FileInfo(file).Length);

    [GeneratedRegex(@"^(\w+): IoU ([0-9.]+)\r?$", RegexOptions.Multiline)]
    private static partial Regex Overlap();

    [GeneratedRegex(@"^native: (\S+)", RegexOptions.Multiline)]
    private static partial Regex Library();
}
