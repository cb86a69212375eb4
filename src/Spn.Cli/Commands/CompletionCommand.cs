using System.CommandLine;

namespace Spn.Cli.Commands;

/// <summary><c>spn completion</c>: the script that makes a shell complete commands and options. It asks <c>spn [suggest:N]</c>.</summary>
internal static class CompletionCommand
{
    public static Command Create()
    {
        Argument<string> shell = new("shell") { Description = "bash, zsh or pwsh." };
        string[] shells = ["bash", "zsh", "pwsh"];
        shell.CompletionSources.Add(shells);
        shell.Validators.Add(result => Check.OneOf(result, "shell", result.Tokens, shells));
        Command command = new("completion", "Print a script for your shell's completion, for example: source <(spn completion bash)")
        {
            shell,
        };
        command.SetAction(line =>
        {
            using Stream script = typeof(CompletionCommand).Assembly.GetManifestResourceStream($"completion.{line.GetValue(shell)}")!;
            using StreamReader reader = new(script);
            Console.Write(reader.ReadToEnd());
            return ExitCode.Success;
        });
        return command;
    }
}
