using System.Globalization;
using System.Text.Json;
using SkiaSharp;
using Spn.Metrics;
using Xunit;

namespace Spn.Cli.Tests.Commands;

/// <summary>Everything but <c>refine</c> and <c>batch</c>.</summary>
public sealed class OtherCommandsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Compare_prints_the_metrics_of_each_mask()
    {
        string coarse = _folder.File("coarse.png", Scene.Mask()), truth = _folder.File("truth.png", Scene.Truth());
        string text = await Run("compare", "coarse.png", "truth.png", "--truth", "truth.png");
        string[][] rows = [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t'))];
        Assert.Equal(["compared with truth.png", "IoU %", "boundary IoU %", "mBA %"], rows[0]);
        Assert.Equal(["coarse.png", .. Percent(Expected(coarse, truth))], rows[1]);
        Assert.Equal(["truth.png", "100.0", "100.0", "100.0"], rows[2]);
    }

    [Fact]
    public async Task Compare_prints_JSON_and_takes_the_second_of_two_masks_as_the_truth()
    {
        string coarse = _folder.File("coarse.png", Scene.Mask()), truth = _folder.File("truth.png", Scene.Truth());
        JsonElement report = JsonDocument.Parse(await Run("compare", "coarse.png", "truth.png", "--json")).RootElement;
        Assert.Equal("truth.png", report.GetProperty("truth").GetString());
        JsonElement mask = Assert.Single(report.GetProperty("masks").EnumerateArray());
        double[] printed = [
            mask.GetProperty("iou").GetDouble(), mask.GetProperty("boundaryIou").GetDouble(), mask.GetProperty("mba").GetDouble()];
        Assert.Equal(Expected(coarse, truth), printed);
    }

    [Fact]
    public async Task Compare_enlarges_the_mask_of_a_network()
    {
        string small = _folder.File("small.png", Pictures.GreyPng(24, 16, (x, y) => x is > 6 and < 18 && y > 4 ? (byte)255 : (byte)0));
        string truth = _folder.File("truth.png", Scene.Truth());
        string large = _folder.File("large.png");
        Mask.Load(small).Resize(96, 64).Save(large, MaskFormat.Png16);
        string text = await Run("compare", "small.png", "large.png", "--truth", "truth.png");
        string[] figures = [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..].Select(line => line.Split('\t', 2)[1])];
        Assert.Equal(figures[1], figures[0]);
        Assert.Equal(string.Join('\t', Percent(Expected(large, truth))), figures[0]);
    }

    [Fact]
    public async Task Compare_does_not_count_undecided_pixels()
    {
        int[,] labels = new int[64, 96];
        for (int y = 0; y < 64; y++)
        {
            for (int x = 0; x < 96; x++)
                labels[y, x] = x < 40 ? 1 : x < 50 ? 255 : 0;
        }
        _folder.File("truth.png", PngFile.Make(labels, 8, PngFile.VocPalette()));
        _folder.File("mask.png", Pictures.GreyPng(96, 64, (x, _) => x < 45 ? (byte)255 : (byte)0));
        string text = await Run("compare", "mask.png", "--truth", "truth.png");
        Assert.Contains("mask.png\t100.0\t", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Affinity_shows_the_photo_with_what_the_pixel_reaches()
    {
        string photo = _folder.File("photo.jpg", Scene.Photo());
        Assert.Equal("Wrote photo-affinity.png.\n", await Run("affinity", "photo.jpg", "48", "33"));
        using SKBitmap picture = SKBitmap.Decode(_folder.File("photo-affinity.png"));
        Assert.Equal((96, 64), (picture.Width, picture.Height));
        Mask expected = SpnRefiner.Configure().Build().Affinity(photo, 48, 33);
        Assert.True(expected[50, 45] > expected[5, 5]);
        Assert.True(Orange(50, 45) > Orange(5, 5));
        int Orange(int x, int y) => picture.GetPixel(x, y).Red - picture.GetPixel(x, y).Blue;
    }

    [Fact]
    public async Task Doctor_checks_both_models()
    {
        string text = await Run("doctor");
        foreach (string name in new[] { "spn ", "System ", ".NET ", "Processors " })
            Assert.Contains(name, text, StringComparison.Ordinal);
        foreach (string model in new[] { "Fast", "Quality" })
            Assert.Matches($@"(?m)^{model} +works: \d+ wrong pixels before, \d+ after, \d+ ms", text);
    }

    [Fact]
    public async Task The_version_is_the_packages()
        => Assert.StartsWith("0.1.0", await Run("--version"), StringComparison.Ordinal);

    [Theory]
    [InlineData()]
    [InlineData("refine")]
    [InlineData("batch")]
    [InlineData("compare")]
    [InlineData("affinity")]
    [InlineData("doctor")]
    [InlineData("completion")]
    public async Task Help_names_the_command_as_it_is_called(params string[] command)
    {
        string text = await Run([.. command, "--help"]);
        Assert.Contains(string.Join(' ', ["  spn", .. command]), text, StringComparison.Ordinal);
        Assert.DoesNotContain("Spn.Cli", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_command_there_is_help()
    {
        SpnProcess.Result result = await SpnProcess.Run(_folder);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("refine <photo> <mask>", result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Completion_suggests_commands_options_and_values()
    {
        Assert.Contains("refine", await Suggest("spn re"));
        Assert.Contains("--compare", await Suggest("spn refine --"));
        Assert.Contains("--compare", await Suggest("spn refine --hard --"));
        Assert.Equal(["fast", "quality"], await Suggest("spn refine --model "));
        Assert.Equal(["letterbox", "letterbox-top-left"], await Suggest("spn batch --fit letter"));
        async Task<string[]> Suggest(string line)
            => (await Run($"[suggest:{line.Length}]", line)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    [Fact]
    public async Task The_script_for_bash_completes()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The script is for bash.");
        _folder.File("completion.bash", System.Text.Encoding.UTF8.GetBytes(await Run("completion", "bash")));
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        string lines = $$"""
            spn() { "{{dotnet}}" "{{SpnProcess.Program}}" "$@"; }
            source completion.bash
            complete_line() {
              COMP_LINE="$1"; COMP_POINT=${#COMP_LINE}; COMP_WORDS=($1); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
              _spn_complete
              echo "${COMPREPLY[*]}"
            }
            complete_line "spn refine --comp"
            complete_line "spn refine --model q"
            complete_line "spn refine pho"
            """;
        ChildProcess bash = await ChildProcess.Run("bash", ["-c", lines], _folder.Path);
        // No suggestion leaves the word to the completion of files.
        Assert.Equal(["--compare", "quality", ""], bash.Output.ReplaceLineEndings("\n").Split('\n')[..3]);
    }

    [Theory]
    [InlineData("zsh", "compdef _spn spn")]
    [InlineData("pwsh", "Register-ArgumentCompleter")]
    public async Task There_are_scripts_for_other_shells(string shell, string line)
        => Assert.Contains(line, await Run("completion", shell), StringComparison.Ordinal);

    private static IEnumerable<string> Percent(double[] shares)
        => shares.Select(share => (100 * share).ToString("F1", CultureInfo.InvariantCulture));

    private static double[] Expected(string mask, string truth)
    {
        BinaryMask[] masks =
        [
            .. new[] { mask, truth }.Select(name => Mask.Load(name)).Select(m => BinaryMask.From(m.Pixels, m.Width, m.Height)),
        ];
        return [
            MaskMetrics.IoU(masks[0], masks[1]), MaskMetrics.BoundaryIoU(masks[0], masks[1]),
            MaskMetrics.MeanBoundaryAccuracy(masks[0], masks[1])];
    }

    private async Task<string> Run(params string[] arguments)
    {
        SpnProcess.Result result = await SpnProcess.Run(_folder, arguments);
        Assert.True(result.ExitCode == 0 && result.Errors.Length == 0, result.ToString());
        return result.Text.ReplaceLineEndings("\n");
    }
}
