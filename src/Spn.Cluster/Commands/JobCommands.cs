using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Spn.Cluster.Hosting;
using Spn.Cluster.Output;
using Spn.Orleans;

namespace Spn.Cluster.Commands;

/// <summary><c>spn-cluster status</c>, <c>cancel</c> and <c>resume</c>: what is asked of a job in a cluster.</summary>
internal sealed class JobCommands
{
    private readonly Argument<string> _job = new("job") { Description = "The job's folder in the storage." };
    private readonly Option<string?> _database = CommonOptions.Database();
    private readonly Option<string> _cluster = CommonOptions.Cluster();

    public static Command Status()
    {
        Option<bool> watch = new("--watch", "-w") { Description = "Follow the job until it ends." };
        Command command = Create("status", "Show how far a job is.", async (jobs, job, line, cancellation) =>
        {
            if (line.GetValue(watch))
                return await JobWatch.FollowAsync(jobs, job, cancellation).ConfigureAwait(false);
            Console.WriteLine(JobWatch.Describe(await JobWatch.StatusAsync(jobs, job).ConfigureAwait(false)));
            return ExitCode.Success;
        });
        command.Options.Add(watch);
        return command;
    }

    public static Command Cancel()
        => Create("cancel", "Stop a job. It can be resumed.", async (jobs, job, _, _) =>
        {
            await jobs.CancelAsync(job).ConfigureAwait(false);
            Console.WriteLine($"Cancelled {job}.");
            return ExitCode.Success;
        });

    public static Command Resume()
        => Create("resume", "Go on with a cancelled job.", async (jobs, job, _, _) =>
        {
            await jobs.ResumeAsync(job).ConfigureAwait(false);
            Console.WriteLine($"Resumed {job}.");
            return ExitCode.Success;
        });

    private static Command Create(
        string name, string description, Func<RefineJobs, string, ParseResult, CancellationToken, Task<int>> action)
    {
        JobCommands common = new();
        Command command = new(name, description) { common._job, common._database, common._cluster };
        command.SetAction((line, cancellation) => common.RunAsync(line, action, cancellation));
        return command;
    }

    private async Task<int> RunAsync(
        ParseResult line, Func<RefineJobs, string, ParseResult, CancellationToken, Task<int>> action, CancellationToken cancellation)
    {
        using IHost host = await ClusterHost
            .ConnectAsync(line.Database(_database), line.GetRequiredValue(_cluster), cancellation).ConfigureAwait(false);
        // These calls read and write no files.
        RefineJobs jobs = new(host.Services.GetRequiredService<IClusterClient>(), new LocalStorage("."));
        int code = await action(jobs, line.GetRequiredValue(_job), line, cancellation).ConfigureAwait(false);
        await host.StopAsync(CancellationToken.None).ConfigureAwait(false);
        return code;
    }
}
