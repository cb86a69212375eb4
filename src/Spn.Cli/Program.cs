using System.CommandLine;
using System.CommandLine.Invocation;
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
        root.Add(CocoCommand.Create());
        root.Add(VideoCommand.Create());
        root.Add(CompareCommand.Create());
        root.Add(AffinityCommand.Create());
        root.Add(DoctorCommand.Create());
        root.Add(CompletionCommand.Create());

        // A photo's name may begin with @, so there are no response files.
        ParseResult line = root.Parse(
            arguments.Length == 0 ? ["--help"] : arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (line.Action is ParseErrorAction)
            return Failure.Report(line);

        // What System.CommandLine prints: help, version and completions. It calls the program what the assembly is called, which cannot
        // be spn, because the names of assemblies ignore case and the library is Spn.
        using StringWriter printed = new();
        InvocationConfiguration configuration = new()
        {
            Output = printed,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = s_grace,
        };
        try
        {
            int code = await line.InvokeAsync(configuration).ConfigureAwait(false);
            Console.Out.Write(printed.ToString().Replace(RootCommand.ExecutableName, Name, StringComparison.Ordinal));
            return arguments.Length == 0 ? ExitCode.Usage : code;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception e)
        {
            return Failure.Report(e, line.GetValue(verbose));
        }
    }
}
