using System.Numerics;
using System.Runtime.CompilerServices;
using Spn.Simd;

namespace Spn.Propagation.Cpu;

/// <summary>How a direction's result joins what earlier directions left at a pixel.</summary>
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

/// <summary>A running mean, weight = 1/(values so far + 1): unlike a sum divided at the end, it keeps a constant to the bit.</summary>
internal readonly struct RunningMean : IMergeStep
{
    public static bool ReadsOld => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Combine<T, V>(V old, V value, V weight)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T> => V.MultiplyAdd(value - old, weight, old);
}
