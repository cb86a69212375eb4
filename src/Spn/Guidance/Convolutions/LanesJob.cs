using Spn.Propagation;
using Spn.Propagation.Cpu;

namespace Spn.Guidance.Convolutions;

/// <summary>A one-pass convolution's work, cut into units and written once for every width of vectors.</summary>
internal unsafe interface ILanesJob
{
    /// <summary>One unit.</summary>
    /// <param name="state">The job.</param>
    /// <param name="unit">Which.</param>
    static abstract void Run<V>(void* state, int unit)
        where V : unmanaged, ILanes<V, float>;
}

internal static unsafe class LanesJob
{
    /// <summary>Runs a job's units and returns when all are done.</summary>
    /// <param name="job">The job.</param>
    /// <param name="units">How many units it has.</param>
    /// <param name="level">The width of vectors.</param>
    /// <param name="threads">The most threads.</param>
    public static void Run<TJob>(TJob job, int units, SimdLevel level, int threads)
        where TJob : unmanaged, ILanesJob
    {
        delegate*<void*, int, void> run = level switch
        {
            SimdLevel.V512 => &TJob.Run<Lanes512<float>>,
            SimdLevel.V256 => &TJob.Run<Lanes256<float>>,
            SimdLevel.V128 => &TJob.Run<Lanes128<float>>,
            _ => &TJob.Run<LanesScalar<float>>,
        };
        WorkerTeam.Run(units, threads, run, &job);
    }
}
