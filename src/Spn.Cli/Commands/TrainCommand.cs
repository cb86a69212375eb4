using System.CommandLine;
using System.CommandLine.Completions;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Spn.Cli.Commands;

/// <summary>
/// <c>spn train</c>: runs <c>spn-train</c> with the same options, as <c>git</c> and <c>cargo</c> run the programs of their commands. It is a
/// tool of its own, because libtorch takes hundreds of megabytes.
/// </summary>
internal sealed partial class TrainCommand : Command
{
    public const string CommandName = "train";

    private const string Program = "spn-train";

    public TrainCommand()
        : base(CommandName, $"Train a model with your own photos. Needs the tool {Program}.")
    {
        Argument<string[]> options = new("options") { Description = $"See 'spn {CommandName} --help'." };
        Add(options);
        SetAction(line => Run(line.GetValue(options) ?? []));
    }

    /// <summary>What the program suggests for its own options and values.</summary>
    public override IEnumerable<CompletionItem> GetCompletions(CompletionContext context)
    {
        if (context is not TextCompletionContext text || Find() is not string program)
            return [];
        string line = text.CommandLineText[..text.CursorPosition];
        int command = line.IndexOf($" {CommandName} ", StringComparison.Ordinal);
        if (command < 0)
            return [];
        string toComplete = Program + line[(command + 1 + CommandName.Length)..];
        ProcessStartInfo start = new(program, [$"[suggest:{toComplete.Length}]", toComplete]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        return [.. process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(suggestion => new CompletionItem(suggestion))];
    }

    /// <exception cref="UsageException">The program is not installed.</exception>
    /// <exception cref="IOException">It cannot be started.</exception>
    private static int Run(string[] options)
    {
        string program = Find() ?? throw new UsageException(
            $"Training needs the tool {Program}, which includes libtorch. Install it with 'dotnet tool install --global Spn.Train'.");
        return OperatingSystem.IsWindows() ? Start(program, options) : Become(program, options);
    }

    /// <summary>Next to this program, where the tools of one folder are, or on the path.</summary>
    private static string? Find()
    {
        string file = OperatingSystem.IsWindows() ? $"{Program}.exe" : Program;
        string path = Environment.GetEnvironmentVariable("PATH") ?? "";
        return path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Prepend(Path.GetDirectoryName(Environment.ProcessPath) ?? "")
            .Select(folder => Path.Combine(folder, file))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>Replaces this process, so that signals reach the training, whoever sends them.</summary>
    private static int Become(string program, string[] options)
    {
        _ = Execute(program, [program, .. options, null]);
        throw new IOException($"'{program}' cannot be started: {Marshal.GetLastPInvokeErrorMessage()}.");
    }

    private static int Start(string program, string[] options)
    {
        Console.CancelKeyPress += (_, press) => press.Cancel = true; // Ctrl+C reaches both, and the training still writes a checkpoint
        using Process process = Process.Start(program, options);
        process.WaitForExit();
        return process.ExitCode;
    }

    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(string path, string?[] arguments);
}
