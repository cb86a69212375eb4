using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Spn.Simd;

/// <summary>128 bits.</summary>
internal readonly unsafe struct Simd128<T>(Vector128<T> v) : ISimdVector<Simd128<T>, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Vector128<T> _v = v;

    public static int Width => Vector128<T>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Load(T* source) => new(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Broadcast(T value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Simd128<T> value, T* destination) => value._v.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreNonTemporal(Simd128<T> value, T* destination) => value._v.StoreAlignedNonTemporal(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> operator +(Simd128<T> a, Simd128<T> b) => new(a._v + b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> operator -(Simd128<T> a, Simd128<T> b) => new(a._v - b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> operator *(Simd128<T> a, Simd128<T> b) => new(a._v * b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> operator /(Simd128<T> a, Simd128<T> b) => new(a._v / b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> MultiplyAdd(Simd128<T> a, Simd128<T> b, Simd128<T> c) => typeof(T) == typeof(float)
        ? new(Vector128.MultiplyAddEstimate(a._v.AsSingle(), b._v.AsSingle(), c._v.AsSingle()).As<float, T>())
        : new(Vector128.MultiplyAddEstimate(a._v.AsDouble(), b._v.AsDouble(), c._v.AsDouble()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Max(Simd128<T> a, Simd128<T> b) => new(Vector128.MaxNative(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Min(Simd128<T> a, Simd128<T> b) => new(Vector128.MinNative(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Abs(Simd128<T> value) => new(Vector128.Abs(value._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> ExpNonPositive(Simd128<T> value) => typeof(T) == typeof(float)
        ? FloatExp.NonPositive<T, Simd128<T>>(value)
        : new(Vector128.Exp(value._v.AsDouble()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Log(Simd128<T> value) => typeof(T) == typeof(float)
        ? new(Vector128.Log(value._v.AsSingle()).As<float, T>())
        : new(Vector128.Log(value._v.AsDouble()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Interleave(Simd128<T> a, Simd128<T> b, out Simd128<T> low, out Simd128<T> high)
    {
        if (typeof(T) != typeof(float))
            throw new NotSupportedException();
        Vector128<float> x = a._v.AsSingle(), y = b._v.AsSingle(), mask = Vector128.Create(-1, 0, -1, 0).AsSingle();
        low = new(Vector128.ConditionalSelect(
            mask, Vector128.Shuffle(x, Vector128.Create(0, 0, 1, 1)), Vector128.Shuffle(y, Vector128.Create(0, 0, 1, 1))).As<float, T>());
        high = new(Vector128.ConditionalSelect(
            mask, Vector128.Shuffle(x, Vector128.Create(2, 2, 3, 3)), Vector128.Shuffle(y, Vector128.Create(2, 2, 3, 3))).As<float, T>());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Deinterleave(Simd128<T> low, Simd128<T> high, out Simd128<T> even, out Simd128<T> odd)
    {
        if (typeof(T) != typeof(float))
            throw new NotSupportedException();
        Vector128<float> x = low._v.AsSingle(), y = high._v.AsSingle(), mask = Vector128.Create(-1, -1, 0, 0).AsSingle();
        even = new(Vector128.ConditionalSelect(
            mask, Vector128.Shuffle(x, Vector128.Create(0, 2, 0, 2)), Vector128.Shuffle(y, Vector128.Create(0, 2, 0, 2))).As<float, T>());
        odd = new(Vector128.ConditionalSelect(
            mask, Vector128.Shuffle(x, Vector128.Create(1, 3, 1, 3)), Vector128.Shuffle(y, Vector128.Create(1, 3, 1, 3))).As<float, T>());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> PowerOfTwo(Simd128<T> shifted)
        => new(((shifted._v.AsInt32() << 23) + Vector128.Create(FloatExp.One)).As<int, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> WhereGreater(Simd128<T> a, Simd128<T> b, Simd128<T> yes, Simd128<T> no)
        => new(Vector128.ConditionalSelect(Vector128.GreaterThan(a._v, b._v), yes._v, no._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> WhereEqual(byte* bytes, byte key, Simd128<T> value)
    {
        if (typeof(T) == typeof(float) && Sse41.IsSupported)
        {
            var keys = Sse41.ConvertToVector128Int32(bytes);
            return new(Vector128.Equals(keys, Vector128.Create((int)key)).As<int, T>() & value._v);
        }
        var masked = value._v;
        for (int i = 0; i < Width; i++)
            ((T*)&masked)[i] = bytes[i] == key ? ((T*)&masked)[i] : T.Zero;
        return new(masked);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Simd128<T> value, byte* destination)
    {
        for (int i = 0; i < Width; i++)
            destination[i] = byte.CreateTruncating(value._v[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadColumns(T* source, nint rowStride, out Simd128<T> c0, out Simd128<T> c1, out Simd128<T> c2, out Simd128<T> c3)
    {
        if (typeof(T) == typeof(float))
        {
            var a0 = Vector128.Load((float*)source);
            var a1 = Vector128.Load((float*)source + rowStride);
            var a2 = Vector128.Load((float*)source + 2 * rowStride);
            var a3 = Vector128.Load((float*)source + 3 * rowStride);
            var low02 = ZipLow(a0, a2);
            var high02 = ZipHigh(a0, a2);
            var low13 = ZipLow(a1, a3);
            var high13 = ZipHigh(a1, a3);
            c0 = new(ZipLow(low02, low13).As<float, T>());
            c1 = new(ZipHigh(low02, low13).As<float, T>());
            c2 = new(ZipLow(high02, high13).As<float, T>());
            c3 = new(ZipHigh(high02, high13).As<float, T>());
        }
        else
        {
            var a0 = Vector128.Load((double*)source);
            var a1 = Vector128.Load((double*)source + rowStride);
            var b0 = Vector128.Load((double*)source + 2);
            var b1 = Vector128.Load((double*)source + 2 + rowStride);
            c0 = new(Vector128.Create(a0[0], a1[0]).As<double, T>());
            c1 = new(Vector128.Create(a0[1], a1[1]).As<double, T>());
            c2 = new(Vector128.Create(b0[0], b1[0]).As<double, T>());
            c3 = new(Vector128.Create(b0[1], b1[1]).As<double, T>());
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> ZipLow(Vector128<float> a, Vector128<float> b)
        => Sse.IsSupported ? Sse.UnpackLow(a, b) : AdvSimd.Arm64.ZipLow(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> ZipHigh(Vector128<float> a, Vector128<float> b)
        => Sse.IsSupported ? Sse.UnpackHigh(a, b) : AdvSimd.Arm64.ZipHigh(a, b);
}
