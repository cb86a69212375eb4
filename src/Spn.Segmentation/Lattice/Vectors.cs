using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Spn.Segmentation.Lattice;

/// <summary>What the runtime's vectors lack: reductions in a fixed order, and a fast exponential.</summary>
internal static class Vectors
{
    // Below it e^x is no normal float; it becomes 0.
    private const float Lowest = -87.33f;

    // Adding 1.5 · 2²³ rounds to a whole number and leaves it in the low bits.
    private const float Rounder = 12582912;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max(Vector256<float> values)
    {
        Vector128<float> four = Vector128.Max(values.GetLower(), values.GetUpper());
        Vector128<float> two = Vector128.Max(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return Vector128.Max(two, Vector128.Shuffle(two, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector256<float> values)
    {
        Vector128<float> four = values.GetLower() + values.GetUpper();
        Vector128<float> two = four + Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1));
        return (two + Vector128.Shuffle(two, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }

    /// <summary>
    /// e^x for x ≤ 0, with a relative error below 3e-7: x = n · ln 2 + r with |r| ≤ ln 2 / 2, so e^x = 2^n · e^r, e^r by its series to r⁶.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Exp(Vector256<float> x)
    {
        Vector256<float> bounded = Vector256.Max(x, Vector256.Create(Lowest)), rounder = Vector256.Create(Rounder);
        Vector256<float> shifted = Vector256.MultiplyAddEstimate(bounded, Vector256.Create(1.44269504f), rounder);
        Vector256<float> n = shifted - rounder;
        // ln 2 in two parts, the first short enough that n times it is exact.
        Vector256<float> r = Vector256.MultiplyAddEstimate(n, Vector256.Create(-0.693359375f), bounded);
        r = Vector256.MultiplyAddEstimate(n, Vector256.Create(2.12194440e-4f), r);
        Vector256<float> e = Vector256.MultiplyAddEstimate(Vector256.Create(1f / 720), r, Vector256.Create(1f / 120));
        e = Vector256.MultiplyAddEstimate(e, r, Vector256.Create(1f / 24));
        e = Vector256.MultiplyAddEstimate(e, r, Vector256.Create(1f / 6));
        e = Vector256.MultiplyAddEstimate(e, r, Vector256.Create(0.5f));
        e = Vector256.MultiplyAddEstimate(e, r, Vector256<float>.One);
        e = Vector256.MultiplyAddEstimate(e, r, Vector256<float>.One);
        // 2^n: n in the exponent's bits.
        Vector256<float> power = ((shifted.AsInt32() << 23) + Vector256<float>.One.AsInt32()).AsSingle();
        return Vector256.ConditionalSelect(Vector256.LessThan(x, Vector256.Create(Lowest)), Vector256<float>.Zero, e * power);
    }
}
