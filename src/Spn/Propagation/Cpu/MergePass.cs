using System.Numerics;

namespace Spn.Propagation.Cpu;

/// <summary>Merges one plane's directions after they were scanned: where all of them are kept, or were scanned side by side.</summary>
internal static unsafe class MergePass<T, V>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where V : unmanaged, ILanes<V, T>
{
    /// <summary>As a unit of work: plane (n, c).</summary>
    public static void RunUnit(void* state, int unit)
    {
        ref readonly ForwardJob<T> job = ref *(ForwardJob<T>*)state;
        (int n, int c) = Math.DivRem(unit, job.Shape.Channels);
        Run(job, n, c);
    }

    public static void Run(in ForwardJob<T> job, int n, int c)
    {
        PropagationShape shape = job.Shape;
        T* output = job.Output + shape.XPlane(n, c);
        T* hidden = job.Hidden + shape.HiddenPlane(n, 0, c);
        nint nextDirection = shape.HiddenPlane(0, 1, 0);
        if (job.Merge == DirectionMerge.Mean)
        {
            nint done = Mean<V>(output, hidden, nextDirection, shape.DirectionCount, 0, shape.Plane);
            Mean<LanesScalar<T>>(output, hidden, nextDirection, shape.DirectionCount, done, shape.Plane);
        }
        else
        {
            byte* winners = job.Winners == null ? null : job.Winners + shape.XPlane(n, c);
            nint done = Max<V>(output, winners, hidden, nextDirection, shape.DirectionCount, 0, shape.Plane);
            Max<LanesScalar<T>>(output, winners, hidden, nextDirection, shape.DirectionCount, done, shape.Plane);
        }
    }

    private static nint Mean<U>(T* output, T* hidden, nint nextDirection, int directions, nint i, nint end)
        where U : unmanaged, ILanes<U, T>
    {
        for (; i + U.Width <= end; i += U.Width)
        {
            U mean = U.Load(hidden + i);
            for (int d = 1; d < directions; d++)
                mean = RunningMean.Combine<T, U>(mean, U.Load(hidden + d * nextDirection + i), U.Broadcast(T.One / T.CreateTruncating(d + 1)));
            U.Store(mean, output + i);
        }

        return i;
    }

    private static nint Max<U>(T* output, byte* winners, T* hidden, nint nextDirection, int directions, nint i, nint end)
        where U : unmanaged, ILanes<U, T>
    {
        for (; i + U.Width <= end; i += U.Width)
        {
            U best = U.Load(hidden + i);
            U winner = default;
            for (int d = 1; d < directions; d++)
            {
                U h = U.Load(hidden + d * nextDirection + i);
                winner = U.WhereGreater(h, best, U.Broadcast(T.CreateTruncating(d)), winner);
                best = KeepLarger.Combine<T, U>(best, h, default);
            }

            U.Store(best, output + i);
            if (winners != null)
                U.StoreBytes(winner, winners + i);
        }

        return i;
    }
}
