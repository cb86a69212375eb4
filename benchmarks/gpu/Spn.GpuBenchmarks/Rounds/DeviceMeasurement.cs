using Spn.GpuBenchmarks.Device;
using Spn.GpuBenchmarks.Report;

namespace Spn.GpuBenchmarks.Rounds;

/// <summary>Measures the device properties on which the floors are based: copy bandwidth, launch time and clock.</summary>
internal static class DeviceMeasurement
{
    private const long MaxCopied = 1L << 30;
    private const int ClockSteps = 200_000;

    public static DeviceFacts Measure(Gpu gpu, GpuTimer timer)
    {
        (long free, long total) = gpu.Memory.Info();
        (double driver, double kernel) = Copies(gpu, timer, Math.Min(MaxCopied, free / 4) / 4096 * 4096);
        return new DeviceFacts
        {
            Description = gpu.Kernels.Description,
            Architecture = gpu.Kernels.Limits.Architecture,
            Multiprocessors = gpu.Kernels.Limits.Multiprocessors,
            L2Bytes = gpu.L2Bytes,
            MemoryBytes = total,
            DriverVersion = gpu.Driver.Version,
            Clock = gpu.Clock,
            MeasuredClock = MeasuredClock(gpu),
            DriverCopy = driver,
            KernelCopy = kernel,
            Launch = timer.Launches(1),
        };
    }

    private static (double Driver, double Kernel) Copies(Gpu gpu, GpuTimer timer, long bytes)
    {
        nint from = gpu.Allocate(bytes), to = gpu.Allocate(bytes);
        gpu.Memory.Fill(from, 1, bytes, gpu.Stream);
        double driver = timer.Measure(() => gpu.Memory.Copy(to, from, bytes, gpu.Stream)).Median;
        double kernel = timer.Measure(
            () => gpu.Launch(Bench.Copy, bytes / 16, new SweepArguments { From = from, To = to, Count = bytes / 16 })).Median;
        gpu.Free(from);
        gpu.Free(to);
        return (2.0 * bytes / driver, 2.0 * bytes / kernel);
    }

    private static double MeasuredClock(Gpu gpu)
    {
        nint results = gpu.Allocate(3 * sizeof(long));
        gpu.Launch(Bench.Clock, 1, new ClockArguments { Out = results, Steps = ClockSteps });
        long[] measured = gpu.Download<long>(results, 3);
        gpu.Free(results);
        return measured[1] > 0 ? measured[0] * 1e3 / measured[1] : 0;
    }
}
