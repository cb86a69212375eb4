using Spn.Evaluation;
using Xunit;

namespace Spn.Tools.Tests.Evaluation;

/// <summary>The command line of the suites of real networks.</summary>
public sealed class RealArgumentsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData(" --suite classes --part A --every 3 --max-photos 12 --model Fast --model Quality",
        "--model", "Fast", "--max-photos", "12", "--suite", "classes", "--every", "3", "--model", "Quality", "--part", "A", "--model", "Fast")]
    [InlineData(" --suite masks --peers no", "--peers", "no", "--suite", "masks", "--out", "sheets", "--tables", "results")]
    public void The_command_reproduces_the_arguments(string expected, params string[] options)
    {
        string data = Directory.CreateDirectory(_folder.File("data")).FullName;
        string command = RealArguments.Parse([data + "/", .. options]).Command();
        Assert.Equal($"real data{expected}", command);
        Assert.Equal(command, RealArguments.Parse([data, .. command.Split(' ')[2..]]).Command());
    }

    [Fact]
    public void Every_nth_photo_is_picked_up_to_the_maximum()
    {
        RealArguments arguments = RealArguments.Parse([_folder.Path, "--every", "2", "--max-photos", "2"]);
        Assert.Equal(["a", "c"], arguments.Pick(["a", "b", "c", "d", "e"]));
    }

    [Theory]
    [InlineData("No folder was given")]
    [InlineData("expected both, masks or classes", "--suite", "all")]
    [InlineData("expected A or B", "--part", "H")]
    [InlineData("Unknown option --kinds", "--kinds", "grow")]
    [InlineData("needs a value", "--tables")]
    public void Bad_arguments_give_the_reason(string reason, params string[] options)
        => Assert.Contains(reason, Assert.Throws<ArgumentException>(() => RealArguments.Parse(options)).Message, StringComparison.Ordinal);
}
