using System.Numerics;
using System.Runtime.CompilerServices;
using Spn.Simd;

namespace Spn.Propagation.Cpu;

/// <summary>How the result of a direction is merged with that of the earlier directions.</summary>
internal interface IMergeStep
{
    static abstract bool ReadsOld { get; }

    static abstract V Combine<T, V>(V old, V value, V weight)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>;
}

/// <summary>The first direction, or the only one.</summary>
internal readonly struct Replace : IMergeStep
{
    public static bool ReadsOld => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Combine<T, V>(V old, V value, V weight)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T> => value;
}

internal readonly struct Add : IMergeStep
{
    public static bool ReadsOld => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Combine<T, V>(V old, V value, V weight)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T> => old + value;
}

internal readonly struct KeepLarger : IMergeStep
{
    public static bool ReadsOld => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Combine<T, V>(V old, V value, V weight)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T> => V.WhereGreater(value, old, value, old);
}

/// <summary>
/// A running mean with the weight 1 / (number of earlier values + 1). Unlike a sum that is divided at the end, it preserves constants
/// exactly.
/// </summary>
internal readonly struct RunningMean : IMergeStep
{
    public static bool ReadsOld => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Combine<T, V>(V old, V value, V weight)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T> => V.MultiplyAdd(value - old, weight, old);
}
