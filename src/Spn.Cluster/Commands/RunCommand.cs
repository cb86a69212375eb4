using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Spn.Cluster.Hosting;
using Spn.Cluster.Output;
using Spn.Orleans;

namespace Spn.Cluster.Commands;

/// <summary><c>spn-cluster run</c>: a job on this machine alone.</summary>
internal sealed class RunCommand
{
    private readonly JobArguments _arguments = new();
    private readonly Option<string> _root = CommonOptions.Root();
    private readonly Option<int?> _jobs = CommonOptions.Jobs();

    public static Command Create()
    {
        RunCommand run = new();
        Command command = new("run", "Refine the masks of a manifest on this machine, without a database.");
        run._arguments.AddTo(command);
        command.Options.Add(run._root);
        command.Options.Add(run._jobs);
        command.SetAction(run.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken cancellation)
    {
        _arguments.Check(line);
        LocalStorage storage = line.Storage(_root);
        using IHost host = ClusterHost.CreateAlone(storage, line.Jobs(_jobs));
        await host.StartAsync(cancellation).ConfigureAwait(false);
        try
        {
            RefineJobs jobs = new(host.Services.GetRequiredService<IGrainFactory>(), storage);
            await _arguments.SubmitAsync(jobs, line, cancellation).ConfigureAwait(false);
            return await JobWatch.FollowAsync(jobs, _arguments.Folder(line), cancellation).ConfigureAwait(false);
        }
        finally
        {
            await host.StopAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }
}
