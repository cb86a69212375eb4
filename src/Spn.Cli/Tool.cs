using System.CommandLine;
using System.CommandLine.Invocation;

namespace Spn.Cli;

/// <summary>Parses and runs the command line of a .NET tool.</summary>
internal static class Tool
{
    /// <summary>Runs the command that the arguments name. Without arguments, it prints the help.</summary>
    /// <param name="root">The commands.</param>
    /// <param name="name">The name of the tool.</param>
    /// <param name="arguments">The arguments of the process.</param>
    /// <param name="grace">How long a command may work on after Ctrl+C.</param>
    /// <param name="reportMisuse">Prints what is wrong with a command line, and returns the exit code.</param>
    /// <param name="reportError">Prints the error that ended a command, and returns the exit code.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(
        RootCommand root, string name, string[] arguments, TimeSpan grace, Func<ParseResult, int> reportMisuse,
        Func<Exception, ParseResult, int> reportError)
    {
        TakeNoValues(root);

        // A photo's name may begin with @, so there are no response files.
        ParseResult line = root.Parse(
            arguments.Length == 0 ? ["--help"] : arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (line.Action is ParseErrorAction)
            return reportMisuse(line);

        // What System.CommandLine prints: help, version and completions. It calls the tool by the name of its assembly, which is another.
        // (spn's cannot be spn, because the names of assemblies ignore case and the library is Spn.)
        using StringWriter printed = new();
        InvocationConfiguration configuration = new()
        {
            Output = printed,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = grace,
        };
        try
        {
            int code = await line.InvokeAsync(configuration).ConfigureAwait(false);
            Console.Out.Write(printed.ToString().Replace(RootCommand.ExecutableName, name, StringComparison.Ordinal));
            return arguments.Length == 0 ? ExitCode.Usage : code;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception e)
        {
            return reportError(e, line);
        }
    }

    /// <summary>Flags take no value. Otherwise, completion after a flag would suggest its values instead of the next option.</summary>
    private static void TakeNoValues(Command command)
    {
        foreach (Option<bool> flag in command.Options.OfType<Option<bool>>())
            flag.Arity = ArgumentArity.Zero;
        foreach (Command subcommand in command.Subcommands)
            TakeNoValues(subcommand);
    }
}
