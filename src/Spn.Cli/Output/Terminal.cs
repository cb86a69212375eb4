using Spectre.Console;

namespace Spn.Cli.Output;

/// <summary>Where a person looks on, there are progress bars and tables; in files, pipes and CI there are plain lines.</summary>
internal static class Terminal
{
    private static readonly bool s_isAutomatic =
        Environment.GetEnvironmentVariable("CI") is { Length: > 0 } and not "false" || Environment.GetEnvironmentVariable("TERM") == "dumb";

    /// <summary>Whether standard output may show tables.</summary>
    public static bool ShowsTables => !Console.IsOutputRedirected && !s_isAutomatic;

    /// <summary>Whether standard error may show a progress bar.</summary>
    public static bool ShowsProgress => !Console.IsErrorRedirected && !s_isAutomatic;

    /// <summary>Standard error with colours, unless NO_COLOR is set.</summary>
    public static IAnsiConsole Error { get; } = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
}
