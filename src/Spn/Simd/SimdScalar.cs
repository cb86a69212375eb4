using System.Numerics;
using System.Runtime.CompilerServices;

namespace Spn.Simd;

/// <summary>One scalar: the ladder's last step, for machines without vectors.</summary>
internal readonly unsafe struct SimdScalar<T>(T v) : ISimdVector<SimdScalar<T>, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T _v = v;

    public static int Width => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar<T> Load(T* source) => new(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar<T> Broadcast(T value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(SimdScalar<T> value, T* destination) => *destination = value._v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreNonTemporal(SimdScalar<T> value, T* destination) => *destination = value._v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar<T> operator +(SimdScalar<T> a, SimdScalar<T> b) => new(a._v + b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar<T> operator -(SimdScalar<T> a, SimdScalar<T> b) => new(a._v - b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar<T> operator *(SimdScalar<T> a, SimdScalar<T> b) => new(a._v * b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar<T> operator /(SimdScalar<T> a, SimdScalar<T> b) => new(a._v / b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar<T> MultiplyAdd(SimdScalar<T> a, SimdScalar<T> b, SimdScalar<T> c)
        => new(T.MultiplyAddEstimate(a._v, b._v, c._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar<T> Max(SimdScalar<T> a, SimdScalar<T> b) => new(T.MaxNative(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar<T> Min(SimdScalar<T> a, SimdScalar<T> b) => new(T.MinNative(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar<T> Abs(SimdScalar<T> value) => new(T.Abs(value._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar<T> ExpNonPositive(SimdScalar<T> value) => new(T.Exp(value._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar<T> Log(SimdScalar<T> value) => new(T.Log(value._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Interleave(SimdScalar<T> a, SimdScalar<T> b, out SimdScalar<T> low, out SimdScalar<T> high) => (low, high) = (a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Deinterleave(SimdScalar<T> low, SimdScalar<T> high, out SimdScalar<T> even, out SimdScalar<T> odd)
        => (even, odd) = (low, high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar<T> PowerOfTwo(SimdScalar<T> shifted)
    {
        int bits = (BitConverter.SingleToInt32Bits(float.CreateTruncating(shifted._v)) << 23) + FloatExp.One;
        return new(T.CreateTruncating(BitConverter.Int32BitsToSingle(bits)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar<T> WhereGreater(SimdScalar<T> a, SimdScalar<T> b, SimdScalar<T> yes, SimdScalar<T> no) => a._v > b._v ? yes
        : no;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar<T> WhereEqual(byte* bytes, byte key, SimdScalar<T> value) => *bytes == key ? value : default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(SimdScalar<T> value, byte* destination) => *destination = byte.CreateTruncating(value._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadColumns(
        T* source, nint rowStride, out SimdScalar<T> c0, out SimdScalar<T> c1, out SimdScalar<T> c2, out SimdScalar<T> c3)
    {
        c0 = new(source[0]);
        c1 = new(source[1]);
        c2 = new(source[2]);
        c3 = new(source[3]);
    }
}
