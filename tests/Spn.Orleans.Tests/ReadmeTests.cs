using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Hosting;
using Spn.Orleans.Tests.Cluster;
using Xunit;

namespace Spn.Orleans.Tests;

public sealed class ReadmeTests
{
    [Fact]
    public void The_example_is_the_code_below()
    {
        string root = Repository.Root();
        string code = Normalize(File.ReadAllText(Path.Combine(root, "tests", "Spn.Orleans.Tests", "ReadmeTests.cs")));
        string example = File.ReadAllText(Path.Combine(root, "src", "Spn.Orleans", "README.md")).Split("```csharp")[1].Split("```")[0];
        Assert.Contains(Normalize(example), code, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_example_compiles_and_submits_a_job()
    {
        using TemporaryFolder folder = new();
        string data = folder.Path, manifest = Manifests.OfScenes(folder, 2);
        using IHost running = await Example(data, manifest);
        await running.StopAsync();
        Assert.True(File.Exists(folder.File("jobs/first/job.json")));
    }

    private static async Task<IHost> Example(string data, string manifest)
    {
        // The lines of the README.
        LocalStorage storage = new(data);
        IHost host = Host.CreateDefaultBuilder()
            .UseOrleans(silo => silo
                .UseLocalhostClustering()
                .AddMemoryGrainStorage(RefineJobs.GrainStorageName)
                .AddRefineJobs(storage))
            .Build();
        await host.StartAsync();

        RefineJobs jobs = new(host.Services.GetRequiredService<IGrainFactory>(), storage);
        await jobs.SubmitAsync(manifest, "jobs/first", new RefineJobOptions { Model = "Quality" });
        RefineJobStatus? status = await jobs.GetStatusAsync("jobs/first");

        Assert.NotNull(status);
        return host;
    }

    private static string Normalize(string code) => string.Concat(code.Where(character => !char.IsWhiteSpace(character)));
}
