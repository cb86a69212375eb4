using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Orleans.Configuration;
using Orleans.Hosting;
using Spn.Orleans;

namespace Spn.Cluster.Hosting;

/// <summary>The process as a silo, or as a client of silos.</summary>
internal static class ClusterHost
{
    // Orleans itself tries to connect for as long as it takes.
    private static readonly TimeSpan s_connectTime = TimeSpan.FromSeconds(20);

    /// <summary>A silo that is a cluster alone, with its state in memory. It listens on this machine only.</summary>
    public static IHost CreateAlone(LocalStorage storage, int? jobs)
        => Create(LogLevel.None, silo =>
        {
            silo.UseLocalhostClustering(FreePort(), FreePort());
            silo.AddMemoryGrainStorage(RefineJobs.GrainStorageName);
            silo.AddRefineJobs(storage, options =>
            {
                options.MaxConcurrency = jobs ?? options.MaxConcurrency;
                options.PollInterval = TimeSpan.FromMilliseconds(100); // nobody else is asked
            });
        });

    /// <summary>A silo of a cluster.</summary>
    public static IHost CreateMember(Database database, string cluster, LocalStorage storage, int? jobs, Endpoint endpoint)
    {
        void Configure(ISiloBuilder silo)
        {
            silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (cluster, cluster));
            if (endpoint.Address is not null)
                silo.ConfigureEndpoints(endpoint.Address, endpoint.Port, endpoint.GatewayPort, listenOnAnyHostAddress: true);
            else
                silo.ConfigureEndpoints(endpoint.Port, endpoint.GatewayPort, listenOnAnyHostAddress: true);
            database.AddTo(silo);
            silo.AddActivityPropagation();
            silo.AddRefineJobs(storage, options => options.MaxConcurrency = jobs ?? options.MaxConcurrency);
            Telemetry.AddTo(silo.Services);
        }

        if (endpoint.HttpPort is not { } port)
            return Create(LogLevel.Error, Configure);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        AddLogging(builder.Logging.ClearProviders(), LogLevel.Error);
        SiloPages.AddTo(builder, port);
        builder.UseOrleans(silo =>
        {
            Configure(silo);
            SiloPages.AddTo(silo);
        });
        WebApplication app = builder.Build();
        SiloPages.Map(app);
        return app;
    }

    /// <summary>Connects to a cluster.</summary>
    /// <exception cref="IOException">No silo answers.</exception>
    public static async Task<IHost> ConnectAsync(Database database, string cluster, CancellationToken cancellation)
    {
        HostApplicationBuilder builder = CreateBuilder(LogLevel.None);
        builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (cluster, cluster));
            database.AddTo(client);
        });
        IHost host = builder.Build();
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(s_connectTime);
        try
        {
            await host.StartAsync(limit.Token).ConfigureAwait(false);
            return host;
        }
        catch (Exception e)
        {
            host.Dispose();
            if (e is OperationCanceledException && !cancellation.IsCancellationRequested)
                throw new IOException($"No silo of the cluster '{cluster}' answers. Start one with 'spn-cluster start'.", e);
            throw;
        }
    }

    private static IHost Create(LogLevel cluster, Action<ISiloBuilder> configure)
    {
        HostApplicationBuilder builder = CreateBuilder(cluster);
        builder.UseOrleans(configure);
        return builder.Build();
    }

    /// <param name="cluster">What is printed of Orleans. What a user must know of it, exceptions say.</param>
    private static HostApplicationBuilder CreateBuilder(LogLevel cluster)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        AddLogging(builder.Logging, cluster);
        return builder;
    }

    private static void AddLogging(ILoggingBuilder logging, LogLevel cluster)
    {
        logging
            .AddSimpleConsole(options => (options.SingleLine, options.TimestampFormat) = (true, "HH:mm:ss "))
            .SetMinimumLevel(LogLevel.Warning)
            .AddFilter("Orleans", cluster)
            .AddFilter("Microsoft", cluster)
            .AddFilter("Polly", LogLevel.None);
        logging.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>Where a silo can be reached.</summary>
/// <param name="Address">Its address; <see langword="null"/> takes the machine's.</param>
/// <param name="Port">The port for other silos.</param>
/// <param name="GatewayPort">The port for clients.</param>
/// <param name="HttpPort">The port for health checks and the dashboard; <see langword="null"/> for none.</param>
internal sealed record Endpoint(IPAddress? Address, int Port, int GatewayPort, int? HttpPort);
