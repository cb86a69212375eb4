using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Storage;
using Orleans.TestingHost;
using Spn.Orleans.Grains;
using Spn.Orleans.Refinement;
using Xunit;

namespace Spn.Orleans.Tests.Cluster;

/// <summary>A cluster in this process, with a client.</summary>
internal sealed class Silos : IAsyncDisposable
{
    // Ends what hangs, however loaded the machine is.
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(20);

    private readonly InProcessTestCluster _cluster;
    private readonly CallCounter _calls = new();

    private Silos(
        int count, IJobStorage files, IItemRefiner? refiner, GrainStates states, Action<RefineSiloOptions>? configure, TimeSpan probe)
    {
        States = states;
        InProcessTestClusterBuilder builder = new((short)count);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddKeyedSingleton(
                RefineJobs.GrainStorageName, (services, _) => states.For(services.GetRequiredService<IGrainStorageSerializer>()));
            silo.Services.AddSingleton<IIncomingGrainCallFilter>(_calls);
            if (refiner is not null)
                silo.Services.AddSingleton(refiner);
            silo.Configure<ClusterMembershipOptions>(options =>
            {
                options.ProbeTimeout = probe;
                options.NumMissedProbesLimit = 2;
                options.NumVotesForDeathDeclaration = 1;
            });
            // Each silo would send its load to each other one every second.
            silo.Configure<DeploymentLoadPublisherOptions>(options => options.DeploymentLoadPublisherRefreshTime = TimeSpan.FromMinutes(1));
            silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = 5 * probe);
            silo.AddRefineJobs(files, options =>
            {
                options.MaxConcurrency = 2;
                options.SaveInterval = TimeSpan.FromMilliseconds(100);
                options.LeaseTime = TimeSpan.FromSeconds(2);
                options.PollInterval = TimeSpan.FromMilliseconds(50);
                configure?.Invoke(options);
            });
        });
        _cluster = builder.Build();
        Jobs = null!;
    }

    public RefineJobs Jobs { get; private set; }

    public GrainStates States { get; }

    /// <summary>A client.</summary>
    public IGrainFactory Grains => _cluster.Client;

    /// <summary>The calls that a grain received, by the name of its class.</summary>
    public int Calls(string grain) => _calls.Of(grain);

    /// <summary>Starts a cluster.</summary>
    /// <param name="count">The number of silos.</param>
    /// <param name="files">Their storage.</param>
    /// <param name="refiner">Their refiner; default: the real one.</param>
    /// <param name="states">Their database.</param>
    /// <param name="configure">Changes their options.</param>
    /// <param name="probe">How long a silo may be silent; two times that, and it counts as dead. Default: one second.</param>
    public static async Task<Silos> StartAsync(
        int count, IJobStorage files, IItemRefiner? refiner = null, GrainStates? states = null,
        Action<RefineSiloOptions>? configure = null, TimeSpan? probe = null)
    {
        Silos silos = new(count, files, refiner, states ?? new GrainStates(), configure, probe ?? TimeSpan.FromSeconds(1));
        await silos._cluster.DeployAsync();
        silos.Jobs = new RefineJobs(silos._cluster.Client, files);
        return silos;
    }

    /// <summary>Ends a silo without a goodbye.</summary>
    public Task KillAsync(int index) => _cluster.KillSiloAsync(_cluster.Silos[index]);

    /// <summary>Waits until the job is in a state.</summary>
    public async Task<RefineJobStatus> UntilAsync(string job, Predicate<RefineJobStatus> condition)
    {
        long start = Stopwatch.GetTimestamp();
        RefineJobStatus? status = null;
        while (Stopwatch.GetElapsedTime(start) < s_limit)
        {
            try
            {
                status = await Jobs.GetStatusAsync(job);
                Assert.NotNull(status);
                if (condition(status))
                    return status;
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                // The coordinator moves to another silo.
            }
            await Task.Delay(20);
        }
        Assert.Fail($"The job does not get there: {status}");
        return status;
    }

    public Task<RefineJobStatus> FinishAsync(string job) => UntilAsync(job, status => status.Phase == RefineJobPhase.Finished);

    public async ValueTask DisposeAsync() => await _cluster.DisposeAsync();

    private sealed class CallCounter : IIncomingGrainCallFilter
    {
        private readonly System.Collections.Concurrent.ConcurrentDictionary<string, int> _calls = new();

        public int Of(string grain) => _calls.GetValueOrDefault(grain);

        public Task Invoke(IIncomingGrainCallContext context)
        {
            _calls.AddOrUpdate(context.Grain?.GetType().Name ?? "", 1, (_, count) => count + 1);
            return context.Invoke();
        }
    }
}
