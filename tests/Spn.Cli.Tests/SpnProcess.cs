using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Xunit;

namespace Spn.Cli.Tests;

/// <summary>One run of <c>spn</c>, in a folder, with standard output in bytes.</summary>
internal sealed partial class SpnProcess : IDisposable
{
    // Ends what hangs, however loaded the machine is.
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    private const int Interrupt = 2;

    private readonly Process _process;
    private readonly Task<byte[]> _output;
    private readonly Task<string> _errors;

    private SpnProcess(Process process)
    {
        _process = process;
        _output = ReadAsync(process.StandardOutput.BaseStream);
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>What a finished run left.</summary>
    /// <param name="ExitCode">See docs/cli.md.</param>
    /// <param name="Output">Standard output.</param>
    /// <param name="Errors">Standard error.</param>
    internal sealed record Result(int ExitCode, byte[] Output, string Errors)
    {
        public string Text => Encoding.UTF8.GetString(Output);

        public override string ToString() => $"exit code {ExitCode}\n{Text}\n{Errors}";
    }

    /// <summary>The built program, of the configuration that the tests were built in.</summary>
    public static string Program
    {
        get
        {
            DirectoryInfo framework = new(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
            return Path.Combine(Repository.Root(), "src", "Spn.Cli", "bin", framework.Parent!.Name, framework.Name, "Spn.Cli.dll");
        }
    }

    /// <summary>The program that runs <see cref="Program"/>.</summary>
    public static string Host => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    public static Task<Result> Run(TemporaryFolder folder, params string[] arguments) => Run(folder, [], arguments);

    /// <summary>Runs the built program to its end.</summary>
    public static async Task<Result> Run(TemporaryFolder folder, byte[] input, params string[] arguments)
    {
        using SpnProcess process = Start(folder, arguments);
        try
        {
            await process._process.StandardInput.BaseStream.WriteAsync(input);
        }
        catch (IOException)
        {
            // It ended without reading its input.
        }
        process._process.StandardInput.Close();
        return await process.EndAsync();
    }

    /// <summary>Starts the built program.</summary>
    public static SpnProcess Start(TemporaryFolder folder, params string[] arguments) => StartProgram(Host, folder, [Program, .. arguments]);

    /// <summary>Starts another program, such as the installed tool.</summary>
    /// <param name="program">Its file.</param>
    /// <param name="folder">The working folder.</param>
    /// <param name="arguments">The arguments.</param>
    /// <param name="path">A folder in which it looks for other programs first; <see langword="null"/> for none.</param>
    public static SpnProcess StartProgram(string program, TemporaryFolder folder, string[] arguments, string? path = null)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            WorkingDirectory = folder.Path,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        if (path is not null)
            start.Environment["PATH"] = $"{path}{Path.PathSeparator}{start.Environment["PATH"]}";
        return new SpnProcess(Process.Start(start)!);
    }

    public bool HasEnded => _process.HasExited;

    /// <summary>What Ctrl+C sends.</summary>
    public void PressCtrlC()
    {
        Assert.SkipUnless(!OperatingSystem.IsWindows(), "Windows sends Ctrl+C to a whole console.");
        Assert.Equal(0, Kill(_process.Id, Interrupt));
    }

    public async Task<Result> EndAsync()
    {
        using CancellationTokenSource timeout = new(s_limit);
        await _process.WaitForExitAsync(timeout.Token);
        return new Result(_process.ExitCode, await _output, await _errors);
    }

    /// <summary>Waits until something is true of the running program's files.</summary>
    public async Task UntilAsync(Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.False(_process.HasExited, "The program ended.");
            Assert.True(Stopwatch.GetElapsedTime(start) < s_limit, "The program does not get there.");
            await Task.Delay(20);
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private static async Task<byte[]> ReadAsync(Stream stream)
    {
        using MemoryStream content = new();
        await stream.CopyToAsync(content);
        return content.ToArray();
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
