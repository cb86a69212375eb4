using System.ComponentModel;
using System.Diagnostics;

namespace Spn.Cuda.Tests;

/// <summary>A compiler of this machine.</summary>
internal static class CompilerProcess
{
    /// <summary>Whether the program can be run at all.</summary>
    public static bool Exists(string program)
    {
        try
        {
            Run(program, ["--version"]);
            return true;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    /// <summary>Runs it to its end and returns what it printed.</summary>
    /// <exception cref="InvalidOperationException">It refused its input; the message has its own.</exception>
    public static string Run(string program, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}\n{output}{errors.Result}");
    }
}
