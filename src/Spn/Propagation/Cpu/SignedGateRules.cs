using System.Numerics;
using System.Runtime.CompilerServices;
using Spn.Simd;

namespace Spn.Propagation.Cpu;

/// <summary>p = r.</summary>
internal readonly struct NoRule : IGateRule
{
    public static bool IsIdentity => true;

    public static T Absent<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => T.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Normalize<T, V, TThreeWay>(ref V r0, ref V r1, ref V r2)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
        where TThreeWay : IFlag
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Backward<T, V, TThreeWay>(V r0, V r1, V r2, V p0, V p1, V p2, ref V d0, ref V d1, ref V d2)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
        where TThreeWay : IFlag
    {
    }
}

/// <summary>p = r / max(S, 1) with S = Σ|r|.</summary>
internal readonly struct ClampedRule : IGateRule
{
    public static T Absent<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => T.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Normalize<T, V, TThreeWay>(ref V r0, ref V r1, ref V r2)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
        where TThreeWay : IFlag
        => AbsoluteSum.Normalize<T, V, TThreeWay>(T.One, ref r0, ref r1, ref r2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Backward<T, V, TThreeWay>(V r0, V r1, V r2, V p0, V p1, V p2, ref V d0, ref V d1, ref V d2)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
        where TThreeWay : IFlag
        => AbsoluteSum.Backward<T, V, TThreeWay>(T.One, r0, r1, r2, p0, p1, p2, ref d0, ref d1, ref d2);
}

/// <summary>p = r / max(S, 1e-6).</summary>
internal readonly struct AbsSumRule : IGateRule
{
    private const double SmallestSum = 1e-6;

    public static T Absent<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => T.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Normalize<T, V, TThreeWay>(ref V r0, ref V r1, ref V r2)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
        where TThreeWay : IFlag
        => AbsoluteSum.Normalize<T, V, TThreeWay>(T.CreateTruncating(SmallestSum), ref r0, ref r1, ref r2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Backward<T, V, TThreeWay>(V r0, V r1, V r2, V p0, V p1, V p2, ref V d0, ref V d1, ref V d2)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
        where TThreeWay : IFlag
        => AbsoluteSum.Backward<T, V, TThreeWay>(T.CreateTruncating(SmallestSum), r0, r1, r2, p0, p1, p2, ref d0, ref d1, ref d2);
}

/// <summary>
/// The common part of the two signed modes: p = r / max(S, floor), and dr = (d - sign(r)·Σdp) / S above the floor, d / floor below it.
/// </summary>
internal static class AbsoluteSum
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Normalize<T, V, TThreeWay>(T floor, ref V r0, ref V r1, ref V r2)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
        where TThreeWay : IFlag
    {
        // Divide instead of multiplying by the reciprocal: a single gate must be exactly ±1, or its gradient is rounding noise / S.
        V scale = V.Max(Sum<T, V, TThreeWay>(r0, r1, r2), V.Broadcast(floor));
        r1 = r1 / scale;
        if (TThreeWay.IsOn)
        {
            r0 = r0 / scale;
            r2 = r2 / scale;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Backward<T, V, TThreeWay>(T floor, V r0, V r1, V r2, V p0, V p1, V p2, ref V d0, ref V d1, ref V d2)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
        where TThreeWay : IFlag
    {
        V sum = Sum<T, V, TThreeWay>(r0, r1, r2);
        V lowest = V.Broadcast(floor);
        V scale = V.Max(sum, lowest);
        V dot = d1 * p1;
        if (TThreeWay.IsOn)
            dot = V.MultiplyAdd(d0, p0, V.MultiplyAdd(d2, p2, dot));
        dot = V.WhereGreater(sum, lowest, dot, default);
        d1 = (d1 - Signed<T, V>(r1, dot)) / scale;
        if (TThreeWay.IsOn)
        {
            d0 = (d0 - Signed<T, V>(r0, dot)) / scale;
            d2 = (d2 - Signed<T, V>(r2, dot)) / scale;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Sum<T, V, TThreeWay>(V r0, V r1, V r2)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
        where TThreeWay : IFlag
        => TThreeWay.IsOn ? V.Abs(r0) + V.Abs(r1) + V.Abs(r2) : V.Abs(r1);

    /// <summary>sign(r)·value, with sign(0) = 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Signed<T, V>(V r, V value)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
    {
        V zero = default;
        return V.WhereGreater(r, zero, value, V.WhereGreater(zero, r, zero - value, zero));
    }
}
