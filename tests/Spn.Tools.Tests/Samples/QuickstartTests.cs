using SkiaSharp;
using Spn.Simd;
using Xunit;

namespace Spn.Tools.Tests.Samples;

/// <summary>The sample as a newcomer runs it: a process of its own, in a folder of its own.</summary>
public sealed class QuickstartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Without_arguments_it_refines_the_photo_that_ships_with_it()
    {
        ChildProcess run = await Run();

        Assert.True(run.ExitCode == 0, run.Output);
        foreach (string shown in new[] { "854 x 480", "device", "guidance", "propagation", "I/O", "cold", "warm" })
            Assert.Contains(shown, run.Output, StringComparison.Ordinal);
        string mask = _folder.File(Path.Combine("artifacts", "quickstart", "refined.png"));
        Mask refined = Mask.Load(mask), coarse = Mask.Load(Path.Combine(Quickstart, "Photo", "flamingo-coarse.png"));
        Assert.Equal((854, 480), (refined.Width, refined.Height));
        double changed = refined.Threshold().Pixels.ToArray().Zip(coarse.Pixels.ToArray()).Count(p => p.First != p.Second) / (854.0 * 480);
        Assert.InRange(changed, 0.002, 0.1);
        using SKBitmap comparison = SKBitmap.Decode(Path.ChangeExtension(mask, ".comparison.png"));
        Assert.True(comparison.Width > 3 * 854 && comparison.Height == 480);
        Assert.Equal(2, Directory.GetFiles(Path.GetDirectoryName(mask)!).Length);
    }

    /// <summary>The runtime hides vectors from the process, so the kernels' own choice of width is tested too, not only each width by force.</summary>
    [Theory]
    [InlineData("DOTNET_EnableAVX512", 256)]
    [InlineData("DOTNET_EnableAVX2", 128)]
    [InlineData("DOTNET_EnableHWIntrinsic", 0)]
    public async Task Processors_with_narrower_vectors_refine_alike(string hidden, int bits)
    {
        Assert.SkipUnless(Spn.Simd.SimdLevels.IsSupported((Spn.Simd.SimdLevel)bits), $"This processor has no {bits}-bit vectors.");
        string photo = Path.Combine(Quickstart, "Photo", "flamingo.jpg"), coarse = Path.Combine(Quickstart, "Photo", "flamingo-coarse.png");
        ChildProcess run = await Run([photo, coarse, "narrow.png"], new() { [hidden] = "0" });

        Assert.True(run.ExitCode == 0, run.Output);
        Assert.Contains(bits == 0 ? "no vectors" : $"{bits}-bit vectors", run.Output, StringComparison.Ordinal);
        using Refiner best = SpnRefiner.Configure().OnCpu().Build();
        float[] narrow = Mask.Load(_folder.File("narrow.png")).Pixels.ToArray(), expected = best.Refine(photo, coarse).Pixels.ToArray();
        Assert.All(narrow.Zip(expected), pair => Assert.InRange(pair.First - pair.Second, -0.01f, 0.01f));
    }

    [Fact]
    public async Task With_three_arguments_it_refines_the_users_photo_upright()
    {
        using SKBitmap photo = Pictures.Bitmap(96, 64, (x, _) => x < 40 ? SKColors.DarkRed : SKColors.LightGray);
        string image = _folder.File("own.jpg", Pictures.WithOrientation(Pictures.Encode(photo, SKEncodedImageFormat.Jpeg, 95), 6));
        string mask = _folder.File("own.png", Pictures.GreyPng(8, 12, (_, y) => (byte)(y < 5 ? 255 : 0)));

        ChildProcess run = await Run(image, mask, Path.Combine("out", "better.png"));

        Assert.True(run.ExitCode == 0, run.Output);
        Mask refined = Mask.Load(_folder.File(Path.Combine("out", "better.png")));
        Assert.Equal((64, 96), (refined.Width, refined.Height));
        Assert.True(refined[32, 4] > 0.8f && refined[32, 92] < 0.2f);
        using SKBitmap comparison = SKBitmap.Decode(_folder.File(Path.Combine("out", "better.comparison.png")));
        Assert.Equal(96, comparison.Height);
        Assert.True(comparison.GetPixel(32, 80).Red > comparison.GetPixel(32, 10).Red, "the photo's light part must lie below");
    }

    [Fact]
    public async Task Bad_arguments_give_a_usage_line_and_exit_code_two()
    {
        foreach (string[] arguments in new[] { ["one"], ["missing.jpg", "missing.png", "out.png"], new[] { "a.jpg", "b.png", "out.jpg" } })
        {
            ChildProcess run = await Run(arguments);
            Assert.Equal(2, run.ExitCode);
            Assert.Contains("usage:", run.Output, StringComparison.Ordinal);
        }
        ChildProcess help = await Run("-h");
        Assert.Equal(0, help.ExitCode);
        Assert.Contains("usage:", help.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task What_is_read_is_never_overwritten()
    {
        byte[] picture = Pictures.GreyPng(16, 16, (x, _) => (byte)(x < 8 ? 255 : 0));
        foreach (string name in new[] { "image.png", "mask.png", "both.comparison.png" })
            _folder.File(name, picture);
        foreach (string[] arguments in new[] { ["image.png", "mask.png", "image.png"], ["image.png", "mask.png", "./mask.png"], new[] { "image.png", "both.comparison.png", "both.png" } })
        {
            ChildProcess run = await Run(arguments);
            Assert.Equal(2, run.ExitCode);
            Assert.Contains("would overwrite", run.Output, StringComparison.Ordinal);
        }
        Assert.Equal(3, Directory.GetFiles(_folder.Path).Length);
        Assert.All(Directory.GetFiles(_folder.Path), file => Assert.Equal(picture, File.ReadAllBytes(file)));
    }

    /// <summary>The sample's own output folder, of the configuration that the tests were built in.</summary>
    private static string Quickstart
    {
        get
        {
            DirectoryInfo framework = new(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
            return Path.Combine(Repository.Root(), "samples", "Quickstart", "bin", framework.Parent!.Name, framework.Name);
        }
    }

    private Task<ChildProcess> Run(params string[] arguments) => Run(arguments, []);

    private Task<ChildProcess> Run(string[] arguments, Dictionary<string, string> environment)
        => ChildProcess.Run(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Path.Combine(Quickstart, "Quickstart.dll"), .. arguments], _folder.Path, environment);
}
