using Xunit;

namespace Spn.Cli.Tests.Commands;

/// <summary><c>spn train</c> with the built <c>spn-train</c> on the path, for a few steps on small photos.</summary>
public sealed class TrainTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TrainTests()
    {
        for (int i = 0; i < 3; i++)
        {
            _folder.File($"photos/{i}.jpg", Scene.Photo());
            _folder.File($"photos/{i}_gt.png", Scene.Truth());
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_model_is_trained_resumed_released_and_used()
    {
        SpnProcess.Result first = await Train(Options(steps: 3));
        Assert.True(first.ExitCode == 0, first.ToString());
        Assert.Matches(@"(?s)^There are no separate validation photos.* parameters, 3 masks, 3 steps\n +3/3   loss 0\.\d{4} .* IoU ", first.Text);
        Assert.Contains($"Wrote {_folder.File("out/my.safetensors")}.", first.Text, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder.File("run/checkpoint.safetensors")) && File.Exists(_folder.File("run/log.csv")));

        byte[] trained = File.ReadAllBytes(_folder.File("out/my.safetensors"));
        SpnProcess.Result again = await Train([.. Options(steps: 3), "--resume"]);
        Assert.Contains("Resumed at step 3.", again.Text, StringComparison.Ordinal);
        Assert.Equal(trained, File.ReadAllBytes(_folder.File("out/my.safetensors")));

        SpnProcess.Result release = await Train("--release", "out/my.safetensors", "--keep", "0.5", "--name", "Mine", "--out", "mine.safetensors");
        Assert.True(release.ExitCode == 0, release.ToString());
        Assert.InRange(new FileInfo(_folder.File("mine.safetensors")).Length, 1, trained.Length * 6 / 10);
        _folder.File("mask.png", Scene.Mask());
        SpnProcess.Result refined = await SpnProcess.Run(
            _folder, "refine", "photos/0.jpg", "mask.png", "-m", "mine.safetensors", "-o", "refined.png");
        Assert.True(refined.ExitCode == 0, refined.ToString());
        Assert.Equal(
            Scene.Refined(Scene.Photo(), Scene.Mask(), builder => builder.WithModel(_folder.File("mine.safetensors"))),
            File.ReadAllBytes(_folder.File("refined.png")));
    }

    [Fact]
    public async Task Ctrl_C_leaves_a_checkpoint_from_which_it_goes_on()
    {
        string[] options = Options(steps: 100_000);
        using SpnProcess process = Start(options);
        await process.UntilAsync(() => File.Exists(_folder.File("run/log.csv")) && new FileInfo(_folder.File("run/log.csv")).Length > 100);
        process.PressCtrlC(); // to the process that was started as spn
        SpnProcess.Result stopped = await process.EndAsync();
        Assert.True(stopped.ExitCode == 130, stopped.ToString());
        Assert.Matches(@"^spn-train: Stopped at step \d+\. Run the same command with --resume to go on\.\n$", stopped.Errors);
        Assert.False(File.Exists(_folder.File("out/my.safetensors")));

        using SpnProcess next = Start([.. options, "--resume"]);
        string step = stopped.Errors.Split(' ')[4].TrimEnd('.');
        long length = new FileInfo(_folder.File("run/log.csv")).Length;
        await next.UntilAsync(() => new FileInfo(_folder.File("run/log.csv")).Length > length);
        next.PressCtrlC();
        Assert.Contains($"Resumed at step {step}.", (await next.EndAsync()).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_options_are_refused_by_the_training()
    {
        await Refused(2, "Expected photos: --photos, --voc or --helen FOLDER, or --scenes 1", "--steps", "1");
        await Refused(2, "Only one of --photos, --voc and --helen", "--photos", "photos", "--voc", "photos");
        await Refused(2, "--steps: expected a whole number, got 'many'. See 'spn-train --help'.", "--photos", "photos", "--steps", "many");
        await Refused(2, "--scenes: expected a number, got 'half'", "--photos", "photos", "--scenes", "half");
        await Refused(1, "'photos/sequences.csv' does not exist", "--photos", "photos", "--split", "none", "--scene-pool", "1");
        await Refused(1, "Steps is 0, expected 1 or more", "--photos", "photos", "--steps", "0");
        await Refused(1, "none.safetensors", "--release", "none.safetensors");
        Assert.Equal(["artifacts", "bin", "photos"], Directory.GetDirectories(_folder.Path).Select(Path.GetFileName).Order());

        async Task Refused(int exitCode, string message, params string[] arguments)
        {
            SpnProcess.Result result = await Train(arguments);
            Assert.True(exitCode == result.ExitCode, result.ToString());
            Assert.StartsWith("spn-train: ", result.Errors, StringComparison.Ordinal);
            Assert.Contains(message, result.Errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Without_the_tool_it_says_how_to_get_it()
    {
        SpnProcess.Result result = await SpnProcess.Run(_folder, "train", "--photos", "photos");
        Assert.SkipWhen(result.ExitCode != 2, "spn-train is installed here.");
        Assert.Equal(
            "spn: Training needs the tool spn-train, which includes libtorch. Install it with 'dotnet tool install --global Spn.Train'.\n",
            result.Errors);
        SpnProcess.Result help = await SpnProcess.Run(_folder, "--help");
        Assert.Contains("Needs the tool spn-train.", help.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_help_is_that_of_the_tool()
    {
        SpnProcess.Result help = await Train("--help");
        Assert.Equal(0, help.ExitCode);
        Assert.Contains("spn-train [options]", help.Text, StringComparison.Ordinal);
        Assert.Contains("--real-masks <FOLDER>", help.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_options_are_completed()
    {
        Assert.Equal("--steps", await Suggest("spn train --st"));
        Assert.Contains("--photos", (await Suggest("spn train --resume --")).Split('\n'));
        Assert.Equal("cpu\ncuda", await Suggest("spn train --photos photos --device c"));

        async Task<string> Suggest(string line)
        {
            using SpnProcess process = StartSpn($"[suggest:{line.Length}]", line);
            SpnProcess.Result result = await process.EndAsync();
            Assert.True(result.ExitCode == 0 && result.Errors.Length == 0, result.ToString());
            return result.Text.Trim();
        }
    }

    private static string[] Options(int steps) =>
    [
        "--photos", "photos", "--scenes", "0.3", "--scene-pool", "2", "--steps", $"{steps}", "--batch", "1", "--masks", "1", "--view", "32",
        "--threads", "1", "--run", "run", "--out", "out/my.safetensors",
    ];

    private async Task<SpnProcess.Result> Train(params string[] options)
    {
        using SpnProcess process = Start(options);
        return await process.EndAsync();
    }

    private SpnProcess Start(params string[] options) => StartSpn(["train", .. options]);

    private SpnProcess StartSpn(params string[] arguments)
    {
        string built = Path.GetDirectoryName(SpnProcess.Program)!.Replace("Spn.Cli", "Spn.Train", StringComparison.Ordinal);
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "The tool's name is that of a link.");
        Assert.SkipUnless(
            Directory.EnumerateFiles(built, "*torch_cpu.*", SearchOption.AllDirectories).Any(), "There is no libtorch for this system.");
        string link = _folder.File("bin/spn-train");
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        if (!File.Exists(link))
            File.CreateSymbolicLink(link, Path.Combine(built, "Spn.Train"));
        return SpnProcess.StartProgram(SpnProcess.Host, _folder, [SpnProcess.Program, .. arguments], path: Path.GetDirectoryName(link));
    }
}
