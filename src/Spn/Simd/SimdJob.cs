namespace Spn.Simd;

/// <summary>Work on float32, cut into independent units and written once for every vector width.</summary>
internal unsafe interface ISimdJob
{
    /// <summary>One unit of work.</summary>
    /// <param name="state">The job.</param>
    /// <param name="unit">The unit's number.</param>
    static abstract void Run<V>(void* state, int unit)
        where V : unmanaged, ISimdVector<V, float>;
}

internal static unsafe class SimdJob
{
    /// <summary>Runs a job's units and returns when all of them are done.</summary>
    /// <param name="job">The job.</param>
    /// <param name="units">How many units it has.</param>
    /// <param name="level">The vector width.</param>
    /// <param name="threads">The maximum number of threads.</param>
    public static void Run<TJob>(TJob job, int units, SimdLevel level, int threads)
        where TJob : unmanaged, ISimdJob
        => WorkerTeam.Run(units, threads, SimdDispatch.Choose<float, Kernel<TJob>>(level, default), &job);

    private readonly struct Kernel<TJob> : ISimdKernel<float>
        where TJob : unmanaged, ISimdJob
    {
        public delegate*<void*, int, void> For<V>()
            where V : unmanaged, ISimdVector<V, float>
            => &TJob.Run<V>;
    }
}
