using Microsoft.Extensions.Options;
using Spn.Orleans.Jobs;
using Spn.Orleans.Refinement;
using Spn.Orleans.Tests.Cluster;
using Spn.Shared;
using Xunit;

namespace Spn.Orleans.Tests.Refinement;

public sealed class JobRefinersTests
{
    private static readonly RefineJobOptions[] s_options =
    [
        new(), new() { IsHard = true }, new() { IsLimited = true }, new() { FallsBack = true }, new() { IsHard = true, IsLimited = true },
    ];

    [Fact]
    public async Task Models_that_no_job_uses_are_freed_except_the_last_ones()
    {
        using JobRefiners refiners = new(new MemoryFiles(), Options.Create(new RefineSiloOptions()));
        JobRefiners.Use used = await refiners.TakeAsync(JobOf(s_options[0]), default);
        foreach (RefineJobOptions options in s_options[1..])
            (await refiners.TakeAsync(JobOf(options), default)).Dispose();
        Assert.Equal(3, refiners.Count); // the one that is used, and the last two
        byte[] refined = await used.Refiner.RefineAsync(Scene.Photo(), Scene.Mask(), default);
        Assert.Equal(Scene.Refined(Scene.Photo(), Scene.Mask()), refined);
        used.Dispose();
        (await refiners.TakeAsync(JobOf(s_options[1]), default)).Dispose();
        Assert.Equal(2, refiners.Count);
    }

    [Fact]
    public async Task A_job_of_another_version_is_a_problem()
    {
        using JobRefiners refiners = new(new MemoryFiles(), Options.Create(new RefineSiloOptions()));
        JobProblemException e = await Assert.ThrowsAsync<JobProblemException>(
            () => refiners.TakeAsync(JobOf(s_options[0]) with { Version = "0.0.9" }, default));
        Assert.Contains("submitted with Spn 0.0.9; this silo has", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, refiners.Count);
    }

    private static Job JobOf(RefineJobOptions options) => new("job", 1, 1, "", "", Fingerprint.Version, options);
}
