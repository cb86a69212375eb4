using System.Numerics;
using System.Runtime.CompilerServices;

namespace Spn.Simd;

/// <summary>
/// e^x in float32 for x ≤ 0, in vectors: x = n·ln 2 + r with |r| ≤ ln 2 / 2, so e^x = 2^n · e^r, e^r by its series to r⁷ (remainder 5e-9).
/// The runtime's vector exponential goes through double, and four of them a pixel made it the larger part of a scan.
/// </summary>
internal static class FloatExp
{
    /// <summary>The bits of 1f.</summary>
    public const int One = 0x3F800000;

    // Adding 1.5·2²³ rounds to a whole number and leaves it in the low bits.
    private const double Rounder = 12582912;

    // Below it e^x is no normal float; it becomes 0, as for -∞.
    private const double Lowest = -87.33;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V NonPositive<T, V>(V x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
    {
        V lowest = Constant<T, V>(Lowest);
        // In this order a NaN stays a NaN where the machine's maximum returns its second operand.
        V bounded = V.Max(lowest, x);
        V shifted = V.MultiplyAdd(bounded, Constant<T, V>(1.4426950408889634), Constant<T, V>(Rounder));
        V n = shifted - Constant<T, V>(Rounder);
        // ln 2 in two parts, the first short enough that n times it is exact.
        V r = V.MultiplyAdd(n, Constant<T, V>(-0.693359375), bounded);
        r = V.MultiplyAdd(n, Constant<T, V>(2.12194440e-4), r);
        V e = V.MultiplyAdd(Constant<T, V>(1.0 / 5040), r, Constant<T, V>(1.0 / 720));
        e = V.MultiplyAdd(e, r, Constant<T, V>(1.0 / 120));
        e = V.MultiplyAdd(e, r, Constant<T, V>(1.0 / 24));
        e = V.MultiplyAdd(e, r, Constant<T, V>(1.0 / 6));
        e = V.MultiplyAdd(e, r, Constant<T, V>(0.5));
        e = V.MultiplyAdd(e, r, Constant<T, V>(1));
        e = V.MultiplyAdd(e, r, Constant<T, V>(1));
        return V.WhereGreater(lowest, x, default, e * V.PowerOfTwo(shifted));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Constant<T, V>(double value)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
        => V.Broadcast(T.CreateTruncating(value));
}
