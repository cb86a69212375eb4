namespace Spn.Cli;

/// <summary>What a script can learn from the end of the program. docs/cli.md documents the values.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>An image could not be refined; in a batch, the others were.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong, and nothing was done.</summary>
    public const int Usage = 2;

    /// <summary>Ctrl+C or SIGTERM ended the work.</summary>
    public const int Interrupted = 130;
}
