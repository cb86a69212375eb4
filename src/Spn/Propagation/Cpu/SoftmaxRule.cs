using System.Numerics;
using System.Runtime.CompilerServices;
using Spn.Simd;

namespace Spn.Propagation.Cpu;

/// <summary>p = e^r / (1 + Σe^r): a softmax over {0, r}, shifted by its largest logit so that nothing overflows.</summary>
internal readonly struct SoftmaxRule : IGateRule
{
    public static T Absent<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => T.NegativeInfinity;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Normalize<T, V, TThreeWay>(ref V r0, ref V r1, ref V r2)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
        where TThreeWay : IFlag
    {
        V zero = default;
        V largest = V.Max(r1, zero);
        if (TThreeWay.IsOn)
            largest = V.Max(largest, V.Max(r0, r2));
        V sum = V.ExpNonPositive(zero - largest);
        r1 = V.ExpNonPositive(r1 - largest);
        sum = sum + r1;
        if (TThreeWay.IsOn)
        {
            r0 = V.ExpNonPositive(r0 - largest);
            r2 = V.ExpNonPositive(r2 - largest);
            sum = sum + (r0 + r2);
        }

        // One division instead of three; the sum is at least 1.
        V scale = V.Broadcast(T.One) / sum;
        r1 = r1 * scale;
        if (TThreeWay.IsOn)
        {
            r0 = r0 * scale;
            r2 = r2 * scale;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Backward<T, V, TThreeWay>(V r0, V r1, V r2, V p0, V p1, V p2, ref V d0, ref V d1, ref V d2)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
        where TThreeWay : IFlag
    {
        V dot = d1 * p1;
        if (TThreeWay.IsOn)
        {
            dot = V.MultiplyAdd(d0, p0, V.MultiplyAdd(d2, p2, dot));
            d0 = p0 * (d0 - dot);
            d2 = p2 * (d2 - dot);
        }

        d1 = p1 * (d1 - dot);
    }
}
