using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Spn.Simd;

/// <summary>512 bits.</summary>
internal readonly unsafe struct Simd512<T>(Vector512<T> v) : ISimdVector<Simd512<T>, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Vector512<T> _v = v;

    public static int Width => Vector512<T>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> Load(T* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> Broadcast(T value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Simd512<T> value, T* destination) => value._v.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreNonTemporal(Simd512<T> value, T* destination) => value._v.StoreAlignedNonTemporal(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> operator +(Simd512<T> a, Simd512<T> b) => new(a._v + b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> operator -(Simd512<T> a, Simd512<T> b) => new(a._v - b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> operator *(Simd512<T> a, Simd512<T> b) => new(a._v * b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> operator /(Simd512<T> a, Simd512<T> b) => new(a._v / b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> MultiplyAdd(Simd512<T> a, Simd512<T> b, Simd512<T> c) => typeof(T) == typeof(float)
        ? new(Vector512.MultiplyAddEstimate(a._v.AsSingle(), b._v.AsSingle(), c._v.AsSingle()).As<float, T>())
        : new(Vector512.MultiplyAddEstimate(a._v.AsDouble(), b._v.AsDouble(), c._v.AsDouble()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> Max(Simd512<T> a, Simd512<T> b) => new(Vector512.MaxNative(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> Min(Simd512<T> a, Simd512<T> b) => new(Vector512.MinNative(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> Abs(Simd512<T> value) => new(Vector512.Abs(value._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> ExpNonPositive(Simd512<T> value) => typeof(T) == typeof(float)
        ? FloatExp.NonPositive<T, Simd512<T>>(value)
        : new(Vector512.Exp(value._v.AsDouble()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> Log(Simd512<T> value) => typeof(T) == typeof(float)
        ? new(Vector512.Log(value._v.AsSingle()).As<float, T>())
        : new(Vector512.Log(value._v.AsDouble()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Interleave(Simd512<T> a, Simd512<T> b, out Simd512<T> low, out Simd512<T> high)
    {
        if (typeof(T) != typeof(float))
            throw new NotSupportedException();
        Vector512<float> x = a._v.AsSingle(), y = b._v.AsSingle();
        low = new(Avx512F.PermuteVar16x32x2(x, Vector512.Create(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23), y).As<float, T>());
        high = new(Avx512F.PermuteVar16x32x2(x, Vector512.Create(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31),
            y).As<float, T>());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Deinterleave(Simd512<T> low, Simd512<T> high, out Simd512<T> even, out Simd512<T> odd)
    {
        if (typeof(T) != typeof(float))
            throw new NotSupportedException();
        Vector512<float> x = low._v.AsSingle(), y = high._v.AsSingle();
        even = new(Avx512F.PermuteVar16x32x2(x, Vector512.Create(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30), y).As<float,
            T>());
        odd = new(Avx512F.PermuteVar16x32x2(x, Vector512.Create(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31), y).As<float,
            T>());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> PowerOfTwo(Simd512<T> shifted)
        => new(((shifted._v.AsInt32() << 23) + Vector512.Create(FloatExp.One)).As<int, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> WhereGreater(Simd512<T> a, Simd512<T> b, Simd512<T> yes, Simd512<T> no)
        => new(Vector512.ConditionalSelect(Vector512.GreaterThan(a._v, b._v), yes._v, no._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd512<T> WhereEqual(byte* bytes, byte key, Simd512<T> value)
    {
        if (typeof(T) == typeof(float))
        {
            var keys = Avx512F.ConvertToVector512Int32(Vector128.Load(bytes));
            return new(Vector512.Equals(keys, Vector512.Create((int)key)).As<int, T>() & value._v);
        }

        var masked = value._v;
        for (int i = 0; i < Width; i++)
            ((T*)&masked)[i] = bytes[i] == key ? ((T*)&masked)[i] : T.Zero;
        return new(masked);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Simd512<T> value, byte* destination)
    {
        if (typeof(T) == typeof(float))
        {
            Avx512F.ConvertToVector128Byte(Vector512.ConvertToInt32(value._v.AsSingle())).Store(destination);
            return;
        }

        for (int i = 0; i < Width; i++)
            destination[i] = byte.CreateTruncating(value._v[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadColumns(T* source, nint rowStride, out Simd512<T> c0, out Simd512<T> c1, out Simd512<T> c2, out Simd512<T> c3)
    {
        // A 16-byte piece of every fourth row fills one vector, so transposing inside the 16-byte lanes is all that is left.
        if (typeof(T) == typeof(float))
        {
            var a0 = Quad((float*)source, rowStride);
            var a1 = Quad((float*)source + rowStride, rowStride);
            var a2 = Quad((float*)source + 2 * rowStride, rowStride);
            var a3 = Quad((float*)source + 3 * rowStride, rowStride);
            var low02 = Avx512F.UnpackLow(a0, a2);
            var high02 = Avx512F.UnpackHigh(a0, a2);
            var low13 = Avx512F.UnpackLow(a1, a3);
            var high13 = Avx512F.UnpackHigh(a1, a3);
            c0 = new(Avx512F.UnpackLow(low02, low13).As<float, T>());
            c1 = new(Avx512F.UnpackHigh(low02, low13).As<float, T>());
            c2 = new(Avx512F.UnpackLow(high02, high13).As<float, T>());
            c3 = new(Avx512F.UnpackHigh(high02, high13).As<float, T>());
        }
        else
        {
            var a0 = Pair((double*)source, rowStride);
            var a1 = Pair((double*)source + rowStride, rowStride);
            var b0 = Pair((double*)source + 2, rowStride);
            var b1 = Pair((double*)source + 2 + rowStride, rowStride);
            c0 = new(Avx512F.UnpackLow(a0, a1).As<double, T>());
            c1 = new(Avx512F.UnpackHigh(a0, a1).As<double, T>());
            c2 = new(Avx512F.UnpackLow(b0, b1).As<double, T>());
            c3 = new(Avx512F.UnpackHigh(b0, b1).As<double, T>());
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Quad(float* row, nint stride)
    {
        Vector256<float> low = Vector256.Create(Vector128.Load(row), Vector128.Load(row + 4 * stride));
        return low.ToVector512Unsafe().WithUpper(Vector256.Create(Vector128.Load(row + 8 * stride), Vector128.Load(row + 12 * stride)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Pair(double* row, nint stride)
    {
        Vector256<double> low = Vector256.Create(Vector128.Load(row), Vector128.Load(row + 2 * stride));
        return low.ToVector512Unsafe().WithUpper(Vector256.Create(Vector128.Load(row + 4 * stride), Vector128.Load(row + 6 * stride)));
    }
}
