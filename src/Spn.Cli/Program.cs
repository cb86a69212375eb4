using System.CommandLine;
using Spn.Cli.Commands;
using Spn.Cli.Output;

namespace Spn.Cli;

/// <summary>The command <c>spn</c>.</summary>
internal static class Program
{
    private const string Name = "spn";

    // Long enough for the stage of a refinement that cannot be stopped, short enough for somebody who waits.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(5);

    private static async Task<int> Main(string[] arguments)
    {
        RootCommand root = new("Refines coarse masks so that they follow the edges of their photos.");
        Option<bool> verbose = new("--verbose") { Description = "Show the details of an error.", Recursive = true };
        root.Add(verbose);
        root.Add(RefineCommand.Create());
        root.Add(BatchCommand.Create());
        root.Add(ServeCommand.Create());
        root.Add(AnnotationsCommand.Create());
        root.Add(VideoCommand.Create());
        root.Add(new TrainCommand());
        root.Add(CompareCommand.Create());
        root.Add(AffinityCommand.Create());
        root.Add(DoctorCommand.Create());
        root.Add(CompletionCommand.Create());

        if (arguments is [TrainCommand.CommandName, .. string[] options]) // all of them, --help too
            arguments = [TrainCommand.CommandName, "--", .. options];
        return await Tool.RunAsync(root, Name, arguments, s_grace, Failure.Report, (e, line) => Failure.Report(e, line.GetValue(verbose)))
            .ConfigureAwait(false);
    }
}
