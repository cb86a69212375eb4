using System.Numerics;

namespace Spn.Simd;

/// <summary>
/// One SIMD vector of <typeparamref name="T"/>: the few operations the scans need. Every width of the ladder (512, 256, 128 bits, one
/// scalar) implements it, so a kernel is written once and compiled for each.
/// </summary>
internal unsafe interface ISimdVector<TSelf, T>
    where TSelf : unmanaged, ISimdVector<TSelf, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    static abstract int Width { get; }

    static abstract TSelf Load(T* source);

    static abstract TSelf Broadcast(T value);

    static abstract void Store(TSelf value, T* destination);

    /// <summary>
    /// Stores to a destination that is a multiple of the vector's size, without filling the caches if the machine can. Call
    /// <see cref="CachePolicy.StoreFence"/> before another thread reads it.
    /// </summary>
    static abstract void StoreNonTemporal(TSelf value, T* destination);

    static abstract TSelf operator +(TSelf a, TSelf b);

    static abstract TSelf operator -(TSelf a, TSelf b);

    static abstract TSelf operator *(TSelf a, TSelf b);

    static abstract TSelf operator /(TSelf a, TSelf b);

    /// <summary>a·b + c, in one rounding where the machine has it.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);

    static abstract TSelf Max(TSelf a, TSelf b);

    static abstract TSelf Min(TSelf a, TSelf b);

    static abstract TSelf Abs(TSelf value);

    /// <summary>e to a power that is not positive, which is all that a softmax or sigmoid shifted by its maximum needs.</summary>
    static abstract TSelf ExpNonPositive(TSelf value);

    /// <summary>The natural logarithm.</summary>
    static abstract TSelf Log(TSelf value);

    /// <summary>
    /// Alternates the lanes of two vectors, a first: <paramref name="low"/> holds the first half of the result, <paramref name="high"/> the
    /// second.
    /// </summary>
    static abstract void Interleave(TSelf a, TSelf b, out TSelf low, out TSelf high);

    /// <summary>The inverse of <see cref="Interleave"/>: the lanes with even and with odd indices of two consecutive vectors.</summary>
    static abstract void Deinterleave(TSelf low, TSelf high, out TSelf even, out TSelf odd);

    /// <summary>2^n as a float, from the low bits of n + 1.5·2²³ (see <see cref="FloatExp"/>).</summary>
    static abstract TSelf PowerOfTwo(TSelf shifted);

    /// <summary>Lane by lane: a &gt; b ? yes : no.</summary>
    static abstract TSelf WhereGreater(TSelf a, TSelf b, TSelf yes, TSelf no);

    /// <summary>Lane by lane: bytes[lane] == key ? value : 0.</summary>
    static abstract TSelf WhereEqual(byte* bytes, byte key, TSelf value);

    /// <summary>Stores small non-negative whole numbers as bytes.</summary>
    static abstract void StoreBytes(TSelf value, byte* destination);

    /// <summary>Reads <see cref="Width"/> rows of 4 columns and returns the columns.</summary>
    static abstract void LoadColumns(T* source, nint rowStride, out TSelf c0, out TSelf c1, out TSelf c2, out TSelf c3);
}
