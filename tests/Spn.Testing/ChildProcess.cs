using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Spn.Testing;

/// <summary>Runs a program to its end and keeps what it printed.</summary>
/// <param name="ExitCode">0 for success.</param>
/// <param name="Output">Standard output and errors.</param>
internal sealed record ChildProcess(int ExitCode, string Output)
{
    // Ends what hangs, however loaded the machine is.
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(30);

    public static async Task<ChildProcess> Run(
        string program, IEnumerable<string> arguments, string folder, Dictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        // What `dotnet test` sets for itself would reach a `dotnet` below it.
        foreach (string inherited in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(inherited);
        // Where a program without a runtime of its own finds this one.
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        foreach ((string name, string value) in environment ?? [])
            start.Environment[name] = value;

        using var process = new Process { StartInfo = start };
        var output = new StringBuilder();
        void Keep(object sender, DataReceivedEventArgs line)
        {
            lock (output)
                output.AppendLine(line.Data);
        }

        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var timeout = new CancellationTokenSource(s_limit);
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} ran for more than {s_limit}:\n{output}");
        }

        return new ChildProcess(process.ExitCode, output.ToString());
    }
}
