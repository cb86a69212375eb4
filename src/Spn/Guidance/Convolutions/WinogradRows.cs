using System.Runtime.CompilerServices;
using Spn.Propagation.Cpu;
using Spn.Simd;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Guidance.Convolutions;

/// <summary>
/// A 3x3 convolution over runs of pixels, four rows of the result at once, with half of the multiplications: Winograd's minimal filtering F(4, 3) down the columns (Lavin and Gray, Fast Algorithms for
/// Convolutional Neural Networks, 2015), and the three taps of a row as they are. Six rows become six sums of rows, each is convolved with its own 1x3 kernels (<see cref="WeightedSums"/>), and four rows come out as
/// sums of these six products. Down the columns alone nothing has to be shuffled, and rounding stays near that of plain sums.
/// </summary>
internal readonly unsafe struct WinogradRows
{
    /// <summary>Rows of the result that come out together.</summary>
    public const int Height = 4;

    private const int Piece = WeightedSums.Piece, Results = WeightedSums.Results;
    private const int Read = Height + 2;        // rows read for them, and products made of them
    private const int Before = 16;              // floats before a run, the last of which are the pixels on its left: the run itself begins at a whole vector
    private const int Run = Before + Piece + Before;
    private const int MostFloats = 1 << 15;     // of a row of all maps: what is made of it takes six times as much, most of a core's own caches

    private readonly WeightedSums _sums;
    private readonly int _inputs, _outputs, _dilation;

    /// <param name="weight">What <see cref="Weights"/> gave, in memory that the caller keeps alive.</param>
    /// <param name="bias">What <see cref="Bias"/> gave, likewise.</param>
    /// <param name="dilation">Distance between the kernel's pixels, and between the four rows.</param>
    public WinogradRows(Tensor weight, Tensor bias, int dilation)
    {
        _dilation = dilation;
        _outputs = (int)weight.shape[0] / Read;
        _inputs = (int)weight.shape[1] / 3;
        _sums = new WeightedSums(weight, bias, 3 * _inputs);
    }

    /// <summary>Rows of a strip: whole groups for every dilation that <see cref="Fits"/> allows.</summary>
    public const int RowsPerUnit = 32;

    /// <summary>Whether a convolution can be done so, and within a core's caches.</summary>
    /// <param name="inputs">Maps that come in.</param>
    /// <param name="outputs">Maps that go out.</param>
    /// <param name="dilation">Distance between the kernel's pixels.</param>
    public static bool Fits(long inputs, long outputs, long dilation) => outputs % Results == 0 && Columns(inputs, outputs) > 0 && dilation is (1 or 2 or 4 or 8);

    /// <summary>Columns of a strip that stays within a core's caches.</summary>
    public static int Columns(long inputs, long outputs) => Strips.Columns(inputs + outputs, MostFloats);

    /// <summary>A kernel's columns in Winograd's form.</summary>
    /// <param name="weight"><c>[out, in, 3, 3]</c>.</param>
    /// <returns><c>[6·out, 3·in]</c>.</returns>
    /// <exception cref="InvalidOperationException">The model is not float32.</exception>
    public static Tensor Weights(Tensor weight)
    {
        WeightedSums.Require(weight);
        using DisposeScope scope = NewDisposeScope();
        Tensor columns = weight.permute(2, 0, 1, 3).reshape(3, -1);
        Tensor form = tensor(
            [1 / 4f, 0, 0, -1 / 6f, -1 / 6f, -1 / 6f, -1 / 6f, 1 / 6f, -1 / 6f, 1 / 24f, 1 / 12f, 1 / 6f, 1 / 24f, -1 / 12f, 1 / 6f, 0, 0, 1], Read, 3);
        return form.matmul(columns).reshape(Read * weight.shape[0], 3 * weight.shape[1]).MoveToOuterDisposeScope();
    }

    /// <summary>A bias for the products: the second of them is in every row of the result once.</summary>
    /// <param name="bias"><c>[out]</c>.</param>
    /// <returns><c>[6·out]</c>.</returns>
    public static Tensor Bias(Tensor bias) => nn.functional.pad(bias, [bias.shape[0], 4 * bias.shape[0]]);

    /// <summary>Floats of memory that a strip needs.</summary>
    public nint Room => (Read * (_inputs * Run + _outputs * Piece)) + Piece;

    /// <summary>Makes the products for four rows of the result.</summary>
    /// <param name="maps">What is convolved.</param>
    /// <param name="strip">Its map, and its columns.</param>
    /// <param name="y">The first of them.</param>
    /// <param name="height">Rows of a map; beyond them, and beyond its columns, it is 0.</param>
    /// <param name="width">Columns of a map.</param>
    /// <param name="room"><see cref="Room"/> floats at a multiple of 64 bytes.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Multiply<V>(in MapRuns maps, in Strip strip, int y, int height, int width, float* room)
        where V : unmanaged, ISimdVector<V, float>
    {
        float* products = room + Read * _inputs * Run, nothing = products + Read * _outputs * Piece;
        new Span<float>(nothing, Piece).Clear();
        float** rows = stackalloc float*[Read];
        for (int map = 0; map < _inputs; map++)
        {
            for (int i = 0, row = y - _dilation; i < Read; i++, row += _dilation)
                rows[i] = (uint)row < (uint)height ? maps.At(strip.Map, map, (long)row * width + strip.Left) : nothing;
            float* sums = room + map * Run + Before;
            int done = Sum<V>(rows, sums, 0, strip.Count);
            Sum<SimdScalar<float>>(rows, sums, done, strip.Count);
            for (int column = 0; column < _dilation; column++)
            {
                Beside(rows, nothing, sums, column - _dilation, strip.Left + column >= _dilation);
                Beside(rows, nothing, sums, strip.Count + column, strip.Left + strip.Count + column < width);
            }
        }

        int* taps = stackalloc int[3 * _inputs];
        for (int map = 0; map < _inputs; map++)
            (taps[3 * map], taps[3 * map + 1], taps[3 * map + 2]) = (map * Run + Before - _dilation, map * Run + Before, map * Run + Before + _dilation);
        for (int product = 0; product < Read; product++)
        {
            for (int o = 0; o < _outputs; o += Results)
                _sums.Sum<V>(product * _outputs + o, room + product * _inputs * Run, taps, products + (product * _outputs + o) * Piece, strip.Count);
        }
    }

    /// <summary>Four rows of one map of the result.</summary>
    /// <param name="map">Which.</param>
    /// <param name="room">As the products lie in it.</param>
    /// <param name="rows">Where the four rows go.</param>
    /// <param name="count">Pixels.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Result<V>(int map, float* room, float** rows, int count)
        where V : unmanaged, ISimdVector<V, float>
    {
        float* products = room + Read * _inputs * Run + map * Piece;
        Combine<SimdScalar<float>>(products, rows, Combine<V>(products, rows, 0, count), count);
    }

    /// <summary>A column beside a strip: of the map there, or beyond its border.</summary>
    private void Beside(float** rows, float* nothing, float* sums, int column, bool inside)
    {
        float** there = stackalloc float*[Read];
        for (int i = 0; i < Read; i++)
            there[i] = inside && rows[i] != nothing ? rows[i] + column : nothing;
        Sum<SimdScalar<float>>(there, sums + column, 0, 1);
    }

    /// <summary>Six sums of six rows, from a pixel to the last whole vector; where that ends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Sum<V>(float** rows, float* sums, int from, int count)
        where V : unmanaged, ISimdVector<V, float>
    {
        nint next = _inputs * Run;
        V minusTwo = V.Broadcast(-2), two = V.Broadcast(2), minusFour = V.Broadcast(-4), four = V.Broadcast(4), minusFive = V.Broadcast(-5);
        float* r0 = rows[0], r1 = rows[1], r2 = rows[2], r3 = rows[3], r4 = rows[4], r5 = rows[5];
        for (; from + V.Width <= count; from += V.Width)
        {
            V x1 = V.Load(r1 + from), x2 = V.Load(r2 + from), x3 = V.Load(r3 + from), x4 = V.Load(r4 + from);
            V even = V.MultiplyAdd(x2, minusFour, x4), odd = V.MultiplyAdd(x1, minusFour, x3), apart = x4 - x2, twice = x3 - x1;
            float* sum = sums + from;
            V.Store(V.MultiplyAdd(V.Load(r0 + from), four, V.MultiplyAdd(x2, minusFive, x4)), sum);
            V.Store(even + odd, sum + next);
            V.Store(even - odd, sum + 2 * next);
            V.Store(V.MultiplyAdd(twice, two, apart), sum + 3 * next);
            V.Store(V.MultiplyAdd(twice, minusTwo, apart), sum + 4 * next);
            V.Store(V.MultiplyAdd(x1, four, V.MultiplyAdd(x3, minusFive, V.Load(r5 + from))), sum + 5 * next);
        }
        return from;
    }

    /// <summary>Four rows of six products, from a pixel to the last whole vector; where that ends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Combine<V>(float* products, float** rows, int from, int count)
        where V : unmanaged, ISimdVector<V, float>
    {
        nint next = _outputs * Piece;
        V two = V.Broadcast(2), four = V.Broadcast(4), eight = V.Broadcast(8);
        float* r0 = rows[0], r1 = rows[1], r2 = rows[2], r3 = rows[3];
        for (; from + V.Width <= count; from += V.Width)
        {
            float* product = products + from;
            V m1 = V.Load(product + next), m2 = V.Load(product + 2 * next), m3 = V.Load(product + 3 * next), m4 = V.Load(product + 4 * next);
            V near = m1 + m2, nearOdd = m1 - m2, far = m3 + m4, farOdd = m3 - m4;
            V.Store(V.Load(product) + near + far, r0 + from);
            V.Store(V.MultiplyAdd(farOdd, two, nearOdd), r1 + from);
            V.Store(V.MultiplyAdd(far, four, near), r2 + from);
            V.Store(V.MultiplyAdd(farOdd, eight, nearOdd) + V.Load(product + 5 * next), r3 + from);
        }
        return from;
    }
}
