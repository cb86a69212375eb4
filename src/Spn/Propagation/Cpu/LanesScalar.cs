using System.Numerics;
using System.Runtime.CompilerServices;

namespace Spn.Propagation.Cpu;

/// <summary>One scalar: the ladder's last step, for machines without vectors.</summary>
internal readonly unsafe struct LanesScalar<T>(T v) : ILanes<LanesScalar<T>, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T _v = v;

    public static int Width => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar<T> Load(T* source) => new(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar<T> Broadcast(T value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(LanesScalar<T> value, T* destination) => *destination = value._v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePast(LanesScalar<T> value, T* destination) => *destination = value._v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar<T> operator +(LanesScalar<T> a, LanesScalar<T> b) => new(a._v + b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar<T> operator -(LanesScalar<T> a, LanesScalar<T> b) => new(a._v - b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar<T> operator *(LanesScalar<T> a, LanesScalar<T> b) => new(a._v * b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar<T> operator /(LanesScalar<T> a, LanesScalar<T> b) => new(a._v / b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar<T> MultiplyAdd(LanesScalar<T> a, LanesScalar<T> b, LanesScalar<T> c) => new(T.MultiplyAddEstimate(a._v, b._v, c._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar<T> Max(LanesScalar<T> a, LanesScalar<T> b) => new(T.MaxNative(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar<T> Min(LanesScalar<T> a, LanesScalar<T> b) => new(T.MinNative(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar<T> Abs(LanesScalar<T> value) => new(T.Abs(value._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar<T> ExpNegative(LanesScalar<T> value) => new(T.Exp(value._v));

    /// <summary>Not needed: one exponential at a time is the runtime's own.</summary>
    public static LanesScalar<T> PowerOfTwo(LanesScalar<T> shifted) => throw new NotSupportedException();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar<T> WhereGreater(LanesScalar<T> a, LanesScalar<T> b, LanesScalar<T> yes, LanesScalar<T> no) => a._v > b._v ? yes : no;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar<T> WhereEqual(byte* bytes, byte key, LanesScalar<T> value) => *bytes == key ? value : default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(LanesScalar<T> value, byte* destination) => *destination = byte.CreateTruncating(value._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadColumns(
        T* source, nint rowStride, out LanesScalar<T> c0, out LanesScalar<T> c1, out LanesScalar<T> c2, out LanesScalar<T> c3)
    {
        c0 = new(source[0]);
        c1 = new(source[1]);
        c2 = new(source[2]);
        c3 = new(source[3]);
    }
}
