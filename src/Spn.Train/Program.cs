using System.CommandLine;
using Spn.Shared;
using Spn.Train.Commands;

namespace Spn.Train;

/// <summary>The command <c>spn-train</c>, which <c>spn train</c> starts.</summary>
internal static class Program
{
    private const string Name = "spn-train";

    // A step of a large batch can take this long, and a checkpoint follows it.
    private static readonly TimeSpan s_grace = TimeSpan.FromMinutes(2);

    private static Task<int> Main(string[] arguments)
    {
        RootCommand root = TrainCommand.Create();
        Option<bool> verbose = new("--verbose") { Description = "Show the details of an error." };
        root.Add(verbose);
        return Tool.RunAsync(root, Name, arguments, s_grace, Report, (e, line) => Report(e, line.GetValue(verbose)));
    }

    private static int Report(ParseResult line)
    {
        Console.Error.WriteLine($"{Name}: {line.Errors[0].Message.TrimEnd('.')}. See '{Name} --help'.");
        return ExitCode.Usage;
    }

    private static int Report(Exception e, bool isVerbose)
    {
        Console.Error.WriteLine($"{Name}: {e.Plain()}");
        if (isVerbose)
            Console.Error.WriteLine(e);
        return e is UsageException ? ExitCode.Usage : ExitCode.Failed;
    }
}
