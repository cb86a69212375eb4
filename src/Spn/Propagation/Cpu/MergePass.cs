using System.Numerics;
using System.Runtime.CompilerServices;
using Spn.Simd;

namespace Spn.Propagation.Cpu;

/// <summary>
/// Merges what the scans did not merge of a plane: nothing, the map of the rows into that of the columns, or the maps of all directions.
/// The order is always columns, rows, then both, so the result does not depend on how the work was divided.
/// </summary>
internal static unsafe class MergePass<T, V>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where V : unmanaged, ISimdVector<V, T>
{
    /// <summary>Merges plane (n, c), which is a unit of work.</summary>
    public static void RunUnit(void* state, int unit)
    {
        ref readonly ForwardJob<T> job = ref *(ForwardJob<T>*)state;
        (int n, int c) = Math.DivRem(unit, job.Shape.Channels);
        Run(job, n, c);
    }

    public static void Run(in ForwardJob<T> job, int n, int c)
    {
        PropagationShape shape = job.Shape;
        nint plane = shape.XPlane(n, c);
        T* output = job.Output + plane;
        if (job.Hidden != null)
        {
            T* hidden = job.Hidden + shape.HiddenPlane(n, 0, c);
            byte* winners = job.Winners == null ? null : job.Winners + plane;
            if (job.Merge == DirectionMerge.Max)
                Max<SimdScalar<T>>(shape, output, winners, hidden, Max<V>(shape, output, winners, hidden, 0));
            else
                Mean<SimdScalar<T>>(shape, output, hidden, Mean<V>(shape, output, hidden, 0));
        }
        else if (job.Rows != null)
        {
            Join<SimdScalar<T>>(job, output, job.Rows + plane, Join<V>(job, output, job.Rows + plane, 0));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static nint Max<U>(in PropagationShape shape, T* output, byte* winners, T* hidden, nint i)
        where U : unmanaged, ISimdVector<U, T>
    {
        nint end = shape.Plane;
        nint nextDirection = shape.HiddenPlane(0, 1, 0);
        int directions = shape.DirectionCount;
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static nint Mean<U>(in PropagationShape shape, T* output, T* hidden, nint i)
        where U : unmanaged, ISimdVector<U, T>
    {
        nint end = shape.Plane;
        nint nextDirection = shape.HiddenPlane(0, 1, 0);
        int columns = shape.ColumnDirections;
        int rows = shape.RowDirections;
        U weight = U.Broadcast(RowWeight(shape));
        for (; i + U.Width <= end; i += U.Width)
        {
            U mean = Mean<U>(hidden + i, nextDirection, columns > 0 ? columns : rows);
            if (columns > 0 && rows > 0)
                mean = RunningMean.Combine<T, U>(mean, Mean<U>(hidden + columns * nextDirection + i, nextDirection, rows), weight);
            U.Store(mean, output + i);
        }

        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static U Mean<U>(T* hidden, nint nextDirection, int directions)
        where U : unmanaged, ISimdVector<U, T>
    {
        U mean = U.Load(hidden);
        for (int d = 1; d < directions; d++)
            mean = RunningMean.Combine<T, U>(mean, U.Load(hidden + d * nextDirection), U.Broadcast(T.One / T.CreateTruncating(d + 1)));
        return mean;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static nint Join<U>(in ForwardJob<T> job, T* output, T* rows, nint i)
        where U : unmanaged, ISimdVector<U, T>
    {
        nint end = job.Shape.Plane;
        bool isMax = job.Merge == DirectionMerge.Max;
        U weight = U.Broadcast(RowWeight(job.Shape));
        for (; i + U.Width <= end; i += U.Width)
        {
            U a = U.Load(output + i), b = U.Load(rows + i);
            U.Store(isMax ? KeepLarger.Combine<T, U>(a, b, default) : RunningMean.Combine<T, U>(a, b, weight), output + i);
        }

        return i;
    }

    /// <summary>The weight of the rows in the mean over all directions.</summary>
    private static T RowWeight(in PropagationShape shape) => T.CreateTruncating(shape.RowDirections) / T.CreateTruncating(shape.DirectionCount);
}
