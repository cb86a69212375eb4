namespace Spn.Cli;

/// <summary>The command line cannot be followed: the message says what to write instead. Ends with <see cref="ExitCode.Usage"/>.</summary>
internal sealed class UsageException(string message, Exception? inner = null) : Exception(message, inner);
