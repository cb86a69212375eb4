using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Spn.Cluster.Hosting;
using Spn.Orleans;

namespace Spn.Cluster.Commands;

/// <summary><c>spn-cluster submit</c>: a job for a cluster.</summary>
internal sealed class SubmitCommand
{
    private readonly JobArguments _arguments = new();
    private readonly Option<string?> _database = CommonOptions.Database();
    private readonly Option<string> _cluster = CommonOptions.Cluster();
    private readonly Option<string> _root = CommonOptions.Root();

    public static Command Create()
    {
        SubmitCommand submit = new();
        Command command = new("submit", "Give a manifest to the silos of a cluster. It can be repeated.");
        submit._arguments.AddTo(command);
        command.Options.Add(submit._database);
        command.Options.Add(submit._cluster);
        command.Options.Add(submit._root);
        command.SetAction(submit.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken cancellation)
    {
        _arguments.Check(line);
        LocalStorage storage = line.Storage(_root);
        using IHost host = await ClusterHost
            .ConnectAsync(line.Database(_database), line.GetRequiredValue(_cluster), cancellation).ConfigureAwait(false);
        RefineJobs jobs = new(host.Services.GetRequiredService<IClusterClient>(), storage);
        await _arguments.SubmitAsync(jobs, line, cancellation).ConfigureAwait(false);
        Console.WriteLine($"Submitted {_arguments.Folder(line)}.");
        await host.StopAsync(CancellationToken.None).ConfigureAwait(false);
        return ExitCode.Success;
    }
}
