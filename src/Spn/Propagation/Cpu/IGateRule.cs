using System.Numerics;
using Spn.Simd;

namespace Spn.Propagation.Cpu;

/// <summary>
/// One <see cref="GateNormalization"/> mode: how three raw values become three gates, and gate gradients become raw gradients.
/// A gate that is not there (outside the image, or a one-way connection's sides) carries <see cref="Absent{T}"/> and becomes exactly 0.
/// </summary>
internal interface IGateRule
{
    /// <summary>Gates are the raw values themselves, so there is nothing to compute.</summary>
    static virtual bool IsIdentity => false;

    static abstract T Absent<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>Gates from raw values, in place. With <typeparamref name="TThreeWay"/> off only the middle one is there.</summary>
    static abstract void Normalize<T, V, TThreeWay>(ref V r0, ref V r1, ref V r2)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
        where TThreeWay : IFlag;

    /// <summary>Raw gradients from the gates' gradients d, in place; r are the raw values, p the gates.</summary>
    static abstract void Backward<T, V, TThreeWay>(V r0, V r1, V r2, V p0, V p1, V p2, ref V d0, ref V d1, ref V d2)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
        where TThreeWay : IFlag;
}

/// <summary>A switch the compiler sees, so that a kernel holds only the code of the case it was compiled for.</summary>
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
