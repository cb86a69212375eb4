using System.Numerics;
using System.Runtime.CompilerServices;
using Spn.Simd;

namespace Spn.Propagation.Cpu;

/// <summary>
/// p = σ(r) / Σσ(r) (GSPN). Each σ is scaled by e^-m with m = min(0, max r), so that very negative guidance keeps its ratios instead
/// of becoming 0/0.
/// </summary>
internal readonly struct NormalizedSigmoidRule : IGateRule
{
    private const double LowestShift = -1e30;

    public static T Absent<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => T.NegativeInfinity;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Normalize<T, V, TThreeWay>(ref V r0, ref V r1, ref V r2)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
        where TThreeWay : IFlag
    {
        V zero = default;
        V largest = TThreeWay.IsOn ? V.Max(r1, V.Max(r0, r2)) : r1;
        // If all gates are absent, the shift stays finite and all gates are 0.
        V shift = V.Max(V.Min(largest, zero), V.Broadcast(T.CreateTruncating(LowestShift)));
        r1 = Scaled<T, V>(r1, shift);
        V sum = r1;
        if (TThreeWay.IsOn)
        {
            r0 = Scaled<T, V>(r0, shift);
            r2 = Scaled<T, V>(r2, shift);
            sum = sum + (r0 + r2);
        }

        // The largest scaled sigmoid is at least 1/2, so the bound only matters if all gates are absent.
        sum = V.Max(sum, V.Broadcast(T.CreateTruncating(0.25)));
        r1 = r1 / sum;
        if (TThreeWay.IsOn)
        {
            r0 = r0 / sum;
            r2 = r2 / sum;
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
            d0 = p0 * OneMinusSigmoid<T, V>(r0) * (d0 - dot);
            d2 = p2 * OneMinusSigmoid<T, V>(r2) * (d2 - dot);
        }

        d1 = p1 * OneMinusSigmoid<T, V>(r1) * (d1 - dot);
    }

    /// <summary>σ(r)·e^-shift, computed with exponents that are never positive.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Scaled<T, V>(V r, V shift)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
    {
        V zero = default;
        return V.ExpNonPositive(V.Min(r, zero) - shift) / (V.Broadcast(T.One) + V.ExpNonPositive(zero - V.Abs(r)));
    }

    /// <summary>1 - σ(r) = σ(-r).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V OneMinusSigmoid<T, V>(V r)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
        => Scaled<T, V>(default(V) - r, default);
}
