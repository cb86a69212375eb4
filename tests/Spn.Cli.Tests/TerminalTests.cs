using System.Text.RegularExpressions;
using Xunit;

namespace Spn.Cli.Tests;

/// <summary>What appears on a terminal, which <c>script</c> of util-linux provides.</summary>
public sealed partial class TerminalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TerminalTests()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "script makes the terminal (util-linux).");
        for (int i = 0; i < 6; i++)
        {
            _folder.File($"photos/{i}.jpg", Scene.Photo());
            _folder.File($"masks/{i}.png", Scene.Mask());
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_batch_shows_a_bar_with_rate()
    {
        string shown = await Show("batch photos masks out", []);
        Assert.Contains("━", shown, StringComparison.Ordinal);
        Assert.Contains("6 of 6, ", shown, StringComparison.Ordinal);
        Assert.Matches(Colour(), shown);
        Assert.Contains("Refined 6 of 6 in", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NO_COLOR_and_CI_are_honoured()
    {
        string plain = await Show("batch photos masks out", new() { ["NO_COLOR"] = "1" });
        Assert.Contains("━", plain, StringComparison.Ordinal);
        Assert.DoesNotMatch(Colour(), plain);
        string automatic = await Show("batch photos masks out --force", new() { ["CI"] = "true" });
        Assert.DoesNotContain("━", automatic, StringComparison.Ordinal);
        Assert.Contains("Refined 6 of 6 in", automatic, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compare_shows_a_table_and_a_mask_is_not_written_to_a_terminal()
    {
        string table = await Show("compare masks/1.png --truth masks/2.png", []);
        Assert.Matches(@"│ masks/1\.png +│ 100\.0 │", table);
        string refused = await Show("refine photos/1.jpg masks/1.png -o -", []);
        Assert.Contains("A mask is not written to a terminal", refused, StringComparison.Ordinal);
    }

    private async Task<string> Show(string command, Dictionary<string, string> environment)
    {
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        Dictionary<string, string> all = new(environment) { ["TERM"] = "xterm-256color" };
        if (!all.ContainsKey("CI"))
            all["CI"] = "false";
        ChildProcess run = await ChildProcess.Run(
            "/usr/bin/script", ["-qec", $"stty cols 120; '{dotnet}' '{SpnProcess.Program}' {command}", "/dev/null"], _folder.Path, all);
        return run.Output;
    }

    [GeneratedRegex(@"\x1b\[38;5;\d+m")]
    private static partial Regex Colour();
}
