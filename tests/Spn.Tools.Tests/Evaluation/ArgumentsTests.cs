using Spn.Evaluation;
using Xunit;

namespace Spn.Tools.Tests.Evaluation;

/// <summary>The command line that a table names gives the same evaluation again.</summary>
public sealed class ArgumentsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--split all")]
    [InlineData("--split validation --model Fast --model Quality", "--model", "Fast", "--split", "validation", "--model", "Quality", "--model", "Fast")]
    [InlineData("--split all --every 3 --max-photos 12 --enlarge 2 --thin yes --kinds grow,exact --cascade no --grabcut no",
        "--thin", "yes", "--grabcut", "no", "--cascade", "no", "--kinds", "grow,exact,grow", "--enlarge", "2", "--max-photos", "12", "--every", "3")]
    [InlineData("--split all", "--grabcut", "yes", "--cascade", "yes", "--enlarge", "1", "--every", "1", "--kinds", "net8,net24,bumps,polygon,shift,grow,exact", "--table", "t.md", "--out", "sheets")]
    public void The_command_reproduces_the_arguments(string expected, params string[] options)
    {
        string photos = Directory.CreateDirectory(_folder.File("photos")).FullName;
        string command = Arguments.Parse([photos + "/", .. options]).Command();
        Assert.Equal($"photos {expected}", command);
        Assert.Equal(command, Arguments.Parse([photos, .. command.Split(' ')[1..]]).Command());
    }

    [Fact]
    public void Of_a_model_in_a_file_the_command_has_the_name_alone()
    {
        string model = _folder.File("mine.safetensors", []);
        Assert.Equal($"{Path.GetFileName(_folder.Path)} --split all --model mine.safetensors", Arguments.Parse([_folder.Path, "--model", model]).Command());
    }
}
