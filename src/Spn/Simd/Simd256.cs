using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Spn.Simd;

/// <summary>256 bits.</summary>
internal readonly unsafe struct Simd256<T>(Vector256<T> v) : ISimdVector<Simd256<T>, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Vector256<T> _v = v;

    public static int Width => Vector256<T>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> Load(T* source) => new(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> Broadcast(T value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Simd256<T> value, T* destination) => value._v.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreNonTemporal(Simd256<T> value, T* destination) => value._v.StoreAlignedNonTemporal(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> operator +(Simd256<T> a, Simd256<T> b) => new(a._v + b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> operator -(Simd256<T> a, Simd256<T> b) => new(a._v - b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> operator *(Simd256<T> a, Simd256<T> b) => new(a._v * b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> operator /(Simd256<T> a, Simd256<T> b) => new(a._v / b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> MultiplyAdd(Simd256<T> a, Simd256<T> b, Simd256<T> c) => typeof(T) == typeof(float)
        ? new(Vector256.MultiplyAddEstimate(a._v.AsSingle(), b._v.AsSingle(), c._v.AsSingle()).As<float, T>())
        : new(Vector256.MultiplyAddEstimate(a._v.AsDouble(), b._v.AsDouble(), c._v.AsDouble()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> Max(Simd256<T> a, Simd256<T> b) => new(Vector256.MaxNative(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> Min(Simd256<T> a, Simd256<T> b) => new(Vector256.MinNative(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> Abs(Simd256<T> value) => new(Vector256.Abs(value._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> ExpNonPositive(Simd256<T> value) => typeof(T) == typeof(float)
        ? FloatExp.NonPositive<T, Simd256<T>>(value)
        : new(Vector256.Exp(value._v.AsDouble()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> Log(Simd256<T> value) => typeof(T) == typeof(float)
        ? new(Vector256.Log(value._v.AsSingle()).As<float, T>())
        : new(Vector256.Log(value._v.AsDouble()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Interleave(Simd256<T> a, Simd256<T> b, out Simd256<T> low, out Simd256<T> high)
    {
        if (typeof(T) != typeof(float))
            throw new NotSupportedException();
        Vector256<float> x = a._v.AsSingle(), y = b._v.AsSingle(), evens = Avx.UnpackLow(x, y), odds = Avx.UnpackHigh(x, y);
        low = new(Avx.Permute2x128(evens, odds, 0x20).As<float, T>());
        high = new(Avx.Permute2x128(evens, odds, 0x31).As<float, T>());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Deinterleave(Simd256<T> low, Simd256<T> high, out Simd256<T> even, out Simd256<T> odd)
    {
        if (typeof(T) != typeof(float))
            throw new NotSupportedException();
        // Within 16-byte lanes first, then their 8-byte halves into order.
        Vector256<float> x = low._v.AsSingle(), y = high._v.AsSingle();
        even = new(Avx2.Permute4x64(Avx.Shuffle(x, y, 0b10_00_10_00).AsDouble(), 0b11_01_10_00).As<double, T>());
        odd = new(Avx2.Permute4x64(Avx.Shuffle(x, y, 0b11_01_11_01).AsDouble(), 0b11_01_10_00).As<double, T>());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> PowerOfTwo(Simd256<T> shifted)
        => new(((shifted._v.AsInt32() << 23) + Vector256.Create(FloatExp.One)).As<int, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> WhereGreater(Simd256<T> a, Simd256<T> b, Simd256<T> yes, Simd256<T> no)
        => new(Vector256.ConditionalSelect(Vector256.GreaterThan(a._v, b._v), yes._v, no._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd256<T> WhereEqual(byte* bytes, byte key, Simd256<T> value)
    {
        if (typeof(T) == typeof(float))
        {
            var keys = Avx2.ConvertToVector256Int32(bytes);
            return new(Vector256.Equals(keys, Vector256.Create((int)key)).As<int, T>() & value._v);
        }
        var masked = value._v;
        for (int i = 0; i < Width; i++)
            ((T*)&masked)[i] = bytes[i] == key ? ((T*)&masked)[i] : T.Zero;
        return new(masked);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Simd256<T> value, byte* destination)
    {
        for (int i = 0; i < Width; i++)
            destination[i] = byte.CreateTruncating(value._v[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadColumns(T* source, nint rowStride, out Simd256<T> c0, out Simd256<T> c1, out Simd256<T> c2, out Simd256<T> c3)
    {
        // A 16-byte piece of every fourth row fills one vector, so transposing inside the 16-byte lanes is all that is left.
        if (typeof(T) == typeof(float))
        {
            var a0 = Quad((float*)source, rowStride);
            var a1 = Quad((float*)source + rowStride, rowStride);
            var a2 = Quad((float*)source + 2 * rowStride, rowStride);
            var a3 = Quad((float*)source + 3 * rowStride, rowStride);
            var low02 = Avx.UnpackLow(a0, a2);
            var high02 = Avx.UnpackHigh(a0, a2);
            var low13 = Avx.UnpackLow(a1, a3);
            var high13 = Avx.UnpackHigh(a1, a3);
            c0 = new(Avx.UnpackLow(low02, low13).As<float, T>());
            c1 = new(Avx.UnpackHigh(low02, low13).As<float, T>());
            c2 = new(Avx.UnpackLow(high02, high13).As<float, T>());
            c3 = new(Avx.UnpackHigh(high02, high13).As<float, T>());
        }
        else
        {
            var a0 = Pair((double*)source, rowStride);
            var a1 = Pair((double*)source + rowStride, rowStride);
            var b0 = Pair((double*)source + 2, rowStride);
            var b1 = Pair((double*)source + 2 + rowStride, rowStride);
            c0 = new(Avx.UnpackLow(a0, a1).As<double, T>());
            c1 = new(Avx.UnpackHigh(a0, a1).As<double, T>());
            c2 = new(Avx.UnpackLow(b0, b1).As<double, T>());
            c3 = new(Avx.UnpackHigh(b0, b1).As<double, T>());
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Quad(float* row, nint stride)
        => Vector256.Create(Vector128.Load(row), Vector128.Load(row + 4 * stride));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Pair(double* row, nint stride)
        => Vector256.Create(Vector128.Load(row), Vector128.Load(row + 2 * stride));
}
