using System.CommandLine;
using System.CommandLine.Parsing;
using Spn.Cli.Files;

namespace Spn.Cli.Output;

/// <summary>Errors as one line that says what to do.</summary>
internal static class Failure
{
    private const string StretchedMask =
        " A mask of a stretched or padded image needs MaskOptions with Fit = MaskFit.Stretch or MaskFit.Letterbox.";

    // The library's advice is for programs. Here is what it means for the commands that refine.
    private static readonly (string Library, string CommandLine)[] s_advice =
    [
        (StretchedMask, " For a mask of a stretched or padded image add --fit stretch or --fit letterbox."),
        ("Labels belong into a LabelMap; a mask that is nearly empty needs MaskOptions with Values = MaskValues.Probabilities.",
            "For a label map add --labels, for a mask that is nearly empty --values probabilities."),
        ("Load it with LabelMap.Load and refine all labels together with Refine(image, labels).", "Add --labels to refine all of them."),
        ("A colour mask needs MaskOptions.Colors.", "For a mask in the colours of Pascal VOC add --voc-colors."),
        ("A file that shows labels in RGB needs a colour table, for example LabelPalette.Voc.",
            "For labels in the colours of Pascal VOC add --voc-colors."),
        (" Set a higher limit with RefinerBuilder.WithPixelLimit, or with the pixelLimit parameter of Load.", ""),
        (" (raw pixels need FromPixels)", ""),
    ];

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
        string text = e.Message;
        if (e is ArgumentException { ParamName: { } parameter })
            text = text.Replace($" (Parameter '{parameter}')", "", StringComparison.Ordinal);
        if (text.StartsWith("coarseLabels: ", StringComparison.Ordinal))
            text = text.Replace(StretchedMask, "", StringComparison.Ordinal);
        foreach (InputFile input in inputs)
            text = Name(text, input);
        foreach ((string library, string commandLine) in s_advice)
            text = text.Replace(library, hasOptions ? commandLine : "", StringComparison.Ordinal);
        return text.ReplaceLineEndings(" ").Trim();
    }

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

    /// <summary>The library names its own arguments, and content without a name. The user knows the file.</summary>
    private static string Name(string text, InputFile input)
    {
        string[] arguments = input.IsMask ? ["coarseMask", "coarseLabels", "mask", "encoded"] : ["image"];
        foreach (string prefix in arguments.Select(argument => $"{argument}: "))
        {
            if (text.StartsWith($"{prefix}the byte array", StringComparison.Ordinal))
                return $"{input}{text[(prefix.Length + "the byte array".Length)..]}";
            if (text.StartsWith(prefix, StringComparison.Ordinal))
                return $"{input}: {text[prefix.Length..]}";
        }
        return text;
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
