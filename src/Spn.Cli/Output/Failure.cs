using System.CommandLine;
using System.CommandLine.Parsing;
using Spn.Cli.Files;
using Spn.Shared;

namespace Spn.Cli.Output;

/// <summary>Errors as one line that says what to do.</summary>
internal static class Failure
{
    // What the library calls the inputs of a refinement; the mask has several names.
    private const string Image = "image", Labels = "coarseLabels";

    /// <summary>Whether the exception is one that input can cause. Others are mistakes in the program.</summary>
    public static bool IsExpected(Exception e)
        => e is UsageException or ArgumentException or IOException or InvalidDataException or UnauthorizedAccessException
            or InsufficientMemoryException or OutOfMemoryException or InvalidOperationException or NotSupportedException;

    /// <summary>The exception's message, for somebody who does not see the program.</summary>
    /// <param name="e">What went wrong.</param>
    /// <param name="inputs">The files that were read.</param>
    public static string Describe(Exception e, params ReadOnlySpan<InputFile> inputs) => Describe(e, hasOptions: true, inputs);

    /// <summary>The exception's message, for somebody who does not see the program.</summary>
    /// <param name="e">What went wrong.</param>
    /// <param name="hasOptions">Whether the command has the options of <c>spn refine</c>, so that advice can name them.</param>
    /// <param name="inputs">The files that were read.</param>
    public static string Describe(Exception e, bool hasOptions, params ReadOnlySpan<InputFile> inputs)
    {
        if (InputProblem.Of(e) is not { } problem)
            return e.Plain();
        InputFile? input = null;
        foreach (InputFile file in inputs)
            input = file.IsMask != (problem.Argument == Image) ? file : input;
        string text = problem.Describe(input?.ToString() ?? problem.Argument);
        return (hasOptions ? $"{text} {Advice(problem)}" : text).ReplaceLineEndings(" ").Trim();
    }

    /// <summary>What the library advises, in the options of the commands that refine.</summary>
    private static string Advice(InputProblem problem) => problem.Advice switch
    {
        InputAdvice.ChooseFit when problem.Argument != Labels =>
            "For a mask of a stretched or padded image add --fit stretch or --fit letterbox.",
        InputAdvice.ChooseValues => "For a label map add --labels, for a mask that is nearly empty --values probabilities.",
        InputAdvice.UseLabelMap => "Add --labels to refine all of them.",
        InputAdvice.GiveMaskColors => "For a mask in the colours of Pascal VOC add --voc-colors.",
        InputAdvice.GiveLabelColors => "For labels in the colours of Pascal VOC add --voc-colors.",
        _ => "",
    };

    /// <summary>Prints an exception to standard error and returns the exit code.</summary>
    public static int Report(Exception e, bool isVerbose)
    {
        string text = Describe(e);
        if (!IsExpected(e))
            text = $"Unexpected {e.GetType().Name}: {text} Please report it with what --verbose prints.";
        Console.Error.WriteLine($"spn: {text}");
        if (isVerbose)
            Console.Error.WriteLine(e);
        return e is UsageException ? ExitCode.Usage : ExitCode.Failed;
    }

    /// <summary>An option or command that does not exist, which System.CommandLine takes for an argument if one may follow.</summary>
    private static string? Unknown(ParseResult line)
    {
        string? option = line.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash)
            .FirstOrDefault(token => token.Type == TokenType.Argument && token.Value is ['-', not (>= '0' and <= '9'), ..])?.Value;
        if (option is not null)
            return $"There is no option '{option}'";
        if (line.UnmatchedTokens is not [{ } unmatched, ..])
            return null;
        if (line.CommandResult.Command is not RootCommand root)
        {
            bool hasOutput = line.CommandResult.Command.Options.Any(known => known.Name == "--output");
            return $"Unexpected argument '{unmatched}'{(hasOutput ? $"; if it is the output, write -o {unmatched}" : "")}";
        }
        return File.Exists(unmatched)
            ? $"'{unmatched}' is no command. To refine a mask write 'spn refine photo mask'"
            : $"There is no command '{unmatched}'; expected {string.Join(", ", root.Subcommands.Select(known => known.Name))}";
    }

    /// <summary>Prints what is wrong with the command line.</summary>
    public static int Report(ParseResult line)
    {
        string command = line.CommandResult.Command is RootCommand ? "spn" : $"spn {line.CommandResult.Command.Name}";
        string text = Unknown(line) ?? line.Errors[0].Message.TrimEnd('.');
        Console.Error.WriteLine($"spn: {text}. See '{command} --help'.");
        return ExitCode.Usage;
    }
}
