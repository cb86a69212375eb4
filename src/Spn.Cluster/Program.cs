using System.CommandLine;
using Spn.Cluster.Commands;

namespace Spn.Cluster;

/// <summary>The command <c>spn-cluster</c>.</summary>
internal static class Program
{
    private const string Name = "spn-cluster";

    // A silo hands its shards over when it stops.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(30);

    private static async Task<int> Main(string[] arguments)
    {
        RootCommand root = new("Refines the masks of a manifest, on this machine or on many.");
        Option<bool> verbose = new("--verbose") { Description = "Show the details of an error.", Recursive = true };
        root.Add(verbose);
        root.Add(RunCommand.Create());
        root.Add(StartCommand.Create());
        root.Add(SubmitCommand.Create());
        root.Add(JobCommands.Status());
        root.Add(JobCommands.Cancel());
        root.Add(JobCommands.Resume());
        root.Add(VerifyCommand.Create());

        return await Tool.RunAsync(root, Name, arguments, s_grace, Report, (e, line) => Report(e, line.GetValue(verbose)))
            .ConfigureAwait(false);
    }

    private static int Report(ParseResult line)
    {
        string command = line.CommandResult.Command is RootCommand ? Name : $"{Name} {line.CommandResult.Command.Name}";
        Console.Error.WriteLine($"{Name}: {line.Errors[0].Message.TrimEnd('.')}. See '{command} --help'.");
        return ExitCode.Usage;
    }

    private static int Report(Exception e, bool isVerbose)
    {
        Console.Error.WriteLine($"{Name}: {e.Message.ReplaceLineEndings(" ")}");
        if (isVerbose)
            Console.Error.WriteLine(e);
        return e is UsageException ? ExitCode.Usage : ExitCode.Failed;
    }
}
