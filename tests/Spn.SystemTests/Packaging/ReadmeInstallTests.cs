using Xunit;

namespace Spn.SystemTests.Packaging;

/// <summary>The README's install lines, with an empty package folder and the machine's own NuGet sources.</summary>
[Collection(nameof(Packaging))]
public sealed class ReadmeInstallTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("spn-install-");

    [Fact]
    public async Task A_new_app_installs_Spn_and_refines_a_mask()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The lines are for a shell.");
        string root = Repository.Root(), clone = _folder.CreateSubdirectory("clone").FullName, app = Path.Combine(_folder.FullName, "hello");
        MarkdownBlock[] readme = [.. MarkdownBlock.Read(root, "README.md")];
        string install = Assert.Single(readme, block => block.Section == "Install").Code;
        string program = readme.First(block => block.Language == "csharp").Code;
        CopySources(root, clone);

        await Shell(install, clone);
        Assert.True(Directory.Exists(app), "The README's lines made no folder 'hello' beside the clone.");
        File.WriteAllText(Path.Combine(app, "Program.cs"), program);
        string photos = Path.Combine(root, "samples", "Quickstart", "Photo");
        File.Copy(Path.Combine(photos, "flamingo.jpg"), Path.Combine(app, "photo.jpg"));
        File.Copy(Path.Combine(photos, "flamingo-coarse.png"), Path.Combine(app, "mask.png"));
        await Shell("dotnet run -c Release", app);

        Mask coarse = Mask.Load(Path.Combine(app, "mask.png")), refined = Mask.Load(Path.Combine(app, "refined.png"));
        Assert.Equal((854, 480), (refined.Width, refined.Height));
        Assert.NotEqual(coarse.ToBytes(), refined.ToBytes());
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task Shell(string lines, string folder)
    {
        ChildProcess shell = await ChildProcess.Run("bash", ["-e", "-x", "-c", lines], folder, Environment());
        Assert.True(shell.ExitCode == 0, shell.Output);
    }

    // `dotnet nuget add source` writes to the user's NuGet.Config, so the lines get a copy of it in a home of their own.
    private Dictionary<string, string> Environment()
    {
        string home = System.Environment.GetEnvironmentVariable("DOTNET_CLI_HOME") is { Length: > 0 } set
            ? set
            : System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile);
        string settings = Path.Combine(".nuget", "NuGet"), copy = Path.Combine(_folder.FullName, "home", settings);
        if (!Directory.Exists(copy) && Directory.Exists(Path.Combine(home, settings)))
        {
            Directory.CreateDirectory(copy);
            foreach (string file in Directory.GetFiles(Path.Combine(home, settings), "*.config", new EnumerationOptions { MatchCasing = MatchCasing.CaseInsensitive }))
                File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        return new()
        {
            ["DOTNET_CLI_HOME"] = Path.Combine(_folder.FullName, "home"),
            ["NUGET_PACKAGES"] = Path.Combine(_folder.FullName, "packages"),
            ["DOTNET_NOLOGO"] = "1",
            // Servers that outlive the build would keep its output open; libtorch has half a gigabyte per platform.
            ["MSBUILDDISABLENODEREUSE"] = "1",
            ["UseSharedCompilation"] = "false",
            ["CreateHardLinksForCopyLocalIfPossible"] = "true",
        };
    }

    /// <summary>Copies what a clone has and packing reads, without the outputs of builds.</summary>
    private static void CopySources(string root, string clone)
    {
        foreach (string file in Directory.GetFiles(root))
            File.Copy(file, Path.Combine(clone, Path.GetFileName(file)));
        foreach (string folder in new[] { "src", "docs" })
            foreach (string file in Directory.GetFiles(Path.Combine(root, folder), "*", SearchOption.AllDirectories))
            {
                string relative = Path.GetRelativePath(root, file);
                if (relative.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
                    continue;
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(clone, relative))!);
                File.Copy(file, Path.Combine(clone, relative));
            }
    }
}
