using System.Numerics;
using System.Runtime.CompilerServices;
using Spn.Simd;

namespace Spn.Propagation.Cpu;

/// <summary>Sums the contributions of the directions to ∂L/∂x, in the same order as a single unit for all directions.</summary>
internal static unsafe class SumPass<T, V>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where V : unmanaged, ISimdVector<V, T>
{
    /// <summary>Sums plane (n, c), which is a unit of work.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RunUnit(void* state, int unit)
    {
        ref readonly BackwardJob<T> job = ref *(BackwardJob<T>*)state;
        PropagationShape shape = job.Shape;
        (int n, int c) = Math.DivRem(unit, shape.Channels);
        T* parts = job.GradXParts + shape.HiddenPlane(n, 0, c);
        T* sum = job.GradX + shape.XPlane(n, c);
        nint nextDirection = shape.HiddenPlane(0, 1, 0);
        nint done = Sum<V>(sum, parts, nextDirection, shape.DirectionCount, 0, shape.Plane);
        Sum<SimdScalar<T>>(sum, parts, nextDirection, shape.DirectionCount, done, shape.Plane);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static nint Sum<U>(T* sum, T* parts, nint nextDirection, int directions, nint i, nint end)
        where U : unmanaged, ISimdVector<U, T>
    {
        for (; i + U.Width <= end; i += U.Width)
        {
            U total = U.Load(parts + i);
            for (int d = 1; d < directions; d++)
                total = total + U.Load(parts + d * nextDirection + i);
            U.Store(total, sum + i);
        }

        return i;
    }
}
