using System.Diagnostics;

namespace Spn.GpuBenchmarks.Device;

/// <summary>
/// Times work on the GPU between two events. Before each run, a sweep larger than the L2 cache evicts it; the GPU is busy with the sweep
/// while the host enqueues the run, so the speed of the host does not affect the result. Measurements that include the host use a separate
/// clock.
/// </summary>
internal sealed class GpuTimer : IDisposable
{
    private const long MinSweep = 512L << 20;
    private const int MaxRuns = 25, MinRuns = 3;

    // The time limit of one measurement, after which it uses the runs that it has.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1.2);

    private readonly Gpu _gpu;
    private readonly nint _swept, _start, _end;
    private readonly long _sweep;
    private readonly Dictionary<int, double> _launches = [];

    public GpuTimer(Gpu gpu)
    {
        _gpu = gpu;
        _sweep = Math.Min(Math.Max(MinSweep, 4 * gpu.L2Bytes), gpu.Memory.Info().Free / 8) / 4096 * 4096;
        (_swept, _start, _end) = (gpu.Allocate(_sweep), gpu.Memory.CreateEvent(), gpu.Memory.CreateEvent());
        gpu.Memory.Fill(_swept, 0, _sweep, gpu.Stream);
        gpu.Synchronize();
    }

    /// <summary>The median and the quartiles of several runs, in microseconds.</summary>
    /// <param name="enqueue">Enqueues the work of one run.</param>
    public Timing Measure(Action enqueue)
    {
        enqueue(); // compiles and loads the kernels
        _gpu.Synchronize();
        var runs = new List<double>();
        long begun = Stopwatch.GetTimestamp();
        while (runs.Count < MaxRuns && (runs.Count < MinRuns || Stopwatch.GetElapsedTime(begun) < s_patience))
            runs.Add(Run(enqueue));
        return Timing.Of(runs);
    }

    /// <summary>The time of several launches of an empty kernel, in microseconds.</summary>
    public double Launches(int count)
    {
        if (!_launches.TryGetValue(count, out double cost))
        {
            cost = _launches[count] = Measure(() =>
            {
                for (int i = 0; i < count; i++)
                    _gpu.Launch(Bench.Nothing, 1, new NothingArguments());
            }).Median;
        }

        return cost;
    }

    private double Run(Action enqueue)
    {
        _gpu.Launch(Bench.Read, 64L << 10, new SweepArguments { From = _swept, To = _swept, Count = _sweep / 16 });
        _gpu.Memory.Record(_start, _gpu.Stream);
        enqueue();
        _gpu.Memory.Record(_end, _gpu.Stream);
        _gpu.Memory.Wait(_end);
        return _gpu.Memory.Milliseconds(_start, _end) * 1e3;
    }

    public void Dispose()
    {
        _gpu.Memory.DestroyEvent(_start);
        _gpu.Memory.DestroyEvent(_end);
        _gpu.Free(_swept);
    }
}
