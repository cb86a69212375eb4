using System.Numerics;
using Spn.Simd;

namespace Spn.Propagation.Cpu;

/// <summary>
/// One mode of <see cref="GateNormalization"/>: normalises three raw values to gates, and converts gradients of gates to gradients of raw
/// values. An absent gate (outside the image, or at the sides of a one-way connection) has the value <see cref="Absent{T}"/> and becomes
/// exactly 0.
/// </summary>
internal interface IGateRule
{
    /// <summary>Whether the gates equal the raw values, so that there is nothing to compute.</summary>
    static virtual bool IsIdentity => false;

    static abstract T Absent<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>Computes gates from raw values in place. Without <typeparamref name="TThreeWay"/> there is only the middle one.</summary>
    static abstract void Normalize<T, V, TThreeWay>(ref V r0, ref V r1, ref V r2)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
        where TThreeWay : IFlag;

    /// <summary>Computes gradients of the raw values r from the gradients d of the gates p, in place.</summary>
    static abstract void Backward<T, V, TThreeWay>(V r0, V r1, V r2, V p0, V p1, V p2, ref V d0, ref V d1, ref V d2)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
        where TThreeWay : IFlag;
}

/// <summary>A compile-time switch, so that a compiled kernel contains only the code for its case.</summary>
internal interface IFlag
{
    static abstract bool IsOn { get; }
}

internal readonly struct On : IFlag
{
    public static bool IsOn => true;
}

internal readonly struct Off : IFlag
{
    public static bool IsOn => false;
}
