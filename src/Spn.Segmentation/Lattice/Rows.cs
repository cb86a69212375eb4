using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Spn.Segmentation.Lattice;

/// <summary>
/// Some values of one point or vertex, next to each other in memory and held in registers: one per class, padded to whole vectors.
/// </summary>
/// <typeparam name="TSelf">The row itself.</typeparam>
internal unsafe interface IRow<TSelf>
    where TSelf : unmanaged, IRow<TSelf>
{
    /// <summary>The number of values.</summary>
    static abstract int Width { get; }

    static abstract TSelf Load(float* source);

    void Store(float* destination);

    /// <summary>This row plus a factor times another row.</summary>
    TSelf Plus(float factor, float* other);

    TSelf Times(float factor);

    /// <summary>exp(value - shift) of every value; no value may exceed the shift.</summary>
    TSelf Exp(float shift);

    /// <summary>A vector whose largest value is the row's.</summary>
    Vector256<float> Maxima();

    /// <summary>A vector whose sum is the row's.</summary>
    Vector256<float> Sums();
}

/// <summary>4 values.</summary>
internal readonly unsafe struct Row4(Vector128<float> values) : IRow<Row4>
{
    private readonly Vector128<float> _values = values;

    public static int Width => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Row4 Load(float* source) => new(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* destination) => _values.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Row4 Plus(float factor, float* other)
        => new(Vector128.MultiplyAddEstimate(Vector128.Create(factor), Vector128.Load(other), _values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Row4 Times(float factor) => new(_values * factor);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Row4 Exp(float shift) => new(Vectors.Exp(Vector256.Create(_values, _values) - Vector256.Create(shift)).GetLower());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<float> Maxima() => Vector256.Create(_values, _values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<float> Sums() => Vector256.Create(_values, Vector128<float>.Zero);
}

/// <summary>8 values.</summary>
internal readonly unsafe struct Row8(Vector256<float> values) : IRow<Row8>
{
    private readonly Vector256<float> _values = values;

    public static int Width => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Row8 Load(float* source) => new(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* destination) => _values.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Row8 Plus(float factor, float* other)
        => new(Vector256.MultiplyAddEstimate(Vector256.Create(factor), Vector256.Load(other), _values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Row8 Times(float factor) => new(_values * factor);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Row8 Exp(float shift) => new(Vectors.Exp(_values - Vector256.Create(shift)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<float> Maxima() => _values;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<float> Sums() => _values;
}

/// <summary>Two rows, one after the other.</summary>
internal readonly unsafe struct RowPair<TFirst, TSecond>(TFirst first, TSecond second) : IRow<RowPair<TFirst, TSecond>>
    where TFirst : unmanaged, IRow<TFirst>
    where TSecond : unmanaged, IRow<TSecond>
{
    private readonly TFirst _first = first;
    private readonly TSecond _second = second;

    public static int Width => TFirst.Width + TSecond.Width;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowPair<TFirst, TSecond> Load(float* source) => new(TFirst.Load(source), TSecond.Load(source + TFirst.Width));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* destination)
    {
        _first.Store(destination);
        _second.Store(destination + TFirst.Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RowPair<TFirst, TSecond> Plus(float factor, float* other)
        => new(_first.Plus(factor, other), _second.Plus(factor, other + TFirst.Width));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RowPair<TFirst, TSecond> Times(float factor) => new(_first.Times(factor), _second.Times(factor));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RowPair<TFirst, TSecond> Exp(float shift) => new(_first.Exp(shift), _second.Exp(shift));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<float> Maxima() => Vector256.Max(_first.Maxima(), _second.Maxima());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<float> Sums() => _first.Sums() + _second.Sums();
}
