using System.CommandLine;
using System.Net;
using Microsoft.Extensions.Hosting;
using Spn.Cluster.Hosting;
using Spn.Orleans;

namespace Spn.Cluster.Commands;

/// <summary><c>spn-cluster start</c>: this machine becomes a silo.</summary>
internal sealed class StartCommand
{
    private const int DefaultPort = 11111, DefaultGatewayPort = 30000; // Orleans' own

    private readonly Option<string?> _database = CommonOptions.Database();
    private readonly Option<string> _cluster = CommonOptions.Cluster();
    private readonly Option<string> _root = CommonOptions.Root();
    private readonly Option<int?> _jobs = CommonOptions.Jobs();

    private readonly Option<string?> _address = new("--address")
    {
        Description = "The IP address by which other machines reach this one. Default: its first one.",
        HelpName = "IP",
    };

    private readonly Option<int> _port = new("--port")
    {
        Description = "The port for other silos.",
        HelpName = "N",
        DefaultValueFactory = _ => DefaultPort,
    };

    private readonly Option<int> _gatewayPort = new("--gateway-port")
    {
        Description = "The port for the other commands.",
        HelpName = "N",
        DefaultValueFactory = _ => DefaultGatewayPort,
    };

    private readonly Option<int?> _httpPort = new("--http")
    {
        Description = "Serve /health/live, /health/ready and /dashboard on this port. Give it to all silos or to none.",
        HelpName = "PORT",
    };

    public static Command Create()
    {
        StartCommand start = new();
        Command command = new("start", "Work on the jobs of a cluster until Ctrl+C.")
        {
            start._database, start._cluster, start._root, start._jobs, start._address, start._port, start._gatewayPort,
            start._httpPort,
        };
        command.SetAction(start.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken cancellation)
    {
        IPAddress? address = null;
        if (line.GetValue(_address) is { } text && !IPAddress.TryParse(text, out address))
            throw new UsageException($"--address: expected an IP address, got '{text}'.");
        LocalStorage storage = line.Storage(_root);
        Database database = line.Database(_database);
        await database.PrepareAsync(cancellation).ConfigureAwait(false);
        using IHost host = ClusterHost.CreateMember(
            database, line.GetRequiredValue(_cluster), storage, line.Jobs(_jobs),
            new Endpoint(address, line.GetValue(_port), line.GetValue(_gatewayPort), line.GetValue(_httpPort)));
        await host.StartAsync(cancellation).ConfigureAwait(false);
        Console.WriteLine("The silo is running. Ctrl+C stops it.");
        try
        {
            await host.WaitForShutdownAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            await host.StopAsync(CancellationToken.None).ConfigureAwait(false);
        }
        return ExitCode.Success;
    }
}
