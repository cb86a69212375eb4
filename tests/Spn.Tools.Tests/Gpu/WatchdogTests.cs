using Spn.GpuBenchmarks.Device;
using Spn.GpuBenchmarks.Rounds;
using Spn.Propagation.Cuda;
using Xunit;

namespace Spn.Tools.Tests.Gpu;

public sealed class WatchdogTests
{
    [Fact]
    public void Work_that_never_ends_is_noticed()
    {
        using var noticed = new ManualResetEventSlim();
        using var watchdog = new Watchdog(TimeSpan.FromMilliseconds(1), noticed.Set);
        Assert.True(noticed.Wait(TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Work_that_has_ended_is_left_alone()
    {
        bool noticed = false;
        new Watchdog(TimeSpan.FromHours(1), () => noticed = true).Dispose();
        Assert.False(noticed);
    }

    [Fact]
    public void The_kernels_of_the_tests_are_compiled_ahead()
    {
        var hopper = new CudaLimits(90, 132, 227 << 10, 8);
        string[] kernels = [.. KernelWarmup.All(hopper).Select(kernel => kernel.Key.ToString())];
        Assert.Equal(kernels.Length, kernels.Distinct().Count());
        // A long line on the device without clusters, whose rows are not aligned.
        CudaOperator op = RoundCase.Round((1, 2, 2051, 17), 1, Propagation.ScanDirections.All, CudaScalar.BFloat16);
        CudaLimits lesser = hopper with { MaxCluster = 1, SharedBytesPerBlock = 54 << 10 };
        foreach (Pass pass in Enum.GetValues<Pass>())
            Assert.All(KernelRecorder.Kernels(lesser, new RoundCase(pass, op)), kernel => Assert.Contains(kernel.Key.ToString(), kernels));
    }
}
