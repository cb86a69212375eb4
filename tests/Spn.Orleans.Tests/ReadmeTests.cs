using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Hosting;
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

    // Not run, because its ports are the same in every run.
    internal static async Task<RefineJobStatus?> Example(string data, string manifest)
    {
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
        return status;
    }

    private static string Normalize(string code) => string.Concat(code.Where(character => !char.IsWhiteSpace(character)));
}
