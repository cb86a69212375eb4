using System.CommandLine;
using Spn.Orleans;

namespace Spn.Cluster.Commands;

/// <summary><c>spn-cluster verify</c>: a finished job, by its files alone.</summary>
internal sealed class VerifyCommand
{
    private const int ListedProblems = 50;

    private readonly Argument<string> _job = new("job") { Description = "The job's folder in the storage." };
    private readonly Option<string> _root = CommonOptions.Root();

    public static Command Create()
    {
        VerifyCommand verify = new();
        Command command = new("verify", "Check that every mask of a finished job has one result, and that all outputs are there.")
        {
            verify._job, verify._root,
        };
        command.SetAction(verify.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken cancellation)
    {
        JobVerification found;
        try
        {
            found = await JobVerification.VerifyAsync(line.Storage(_root), line.GetRequiredValue(_job), cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentException)
        {
            throw new UsageException(e.Message, e);
        }
        Console.WriteLine($"{found.Items} masks: {found.Done} refined, {found.Skipped} were done before, {found.Failed} failed.");
        foreach (string problem in found.Problems.Take(ListedProblems))
            Console.Error.WriteLine($"  {problem}");
        if (found.Problems.Count > ListedProblems)
            Console.Error.WriteLine($"  and {found.Problems.Count - ListedProblems} more");
        Console.WriteLine(found.Problems.Count == 0 ? "All outputs match the results." : $"{found.Problems.Count} problems.");
        return found.Problems.Count == 0 ? ExitCode.Success : ExitCode.Failed;
    }
}
