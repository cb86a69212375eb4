using System.Runtime.CompilerServices;
using Spn.Simd;

namespace Spn.Inference.Layers;

/// <summary>
/// A 3x3 convolution over rows of planes, four rows of the output together, with half of the multiplications: Winograd's minimal filtering
/// F(4, 3) down the columns (Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2015), and the three taps of a row as they
/// are. Six rows become six sums of rows, each is convolved with its own 1x3 kernels (<see cref="DotKernel"/>), and four rows are sums of
/// these six products. Filtering the columns alone needs no shuffles.
/// </summary>
internal readonly unsafe struct WinogradRows
{
    /// <summary>Rows of the output that are computed together.</summary>
    public const int Height = 4;

    /// <summary>Rows of a tile: whole groups of rows for every dilation up to 8.</summary>
    public const int RowsPerUnit = 32;

    private const int TileWidth = DotKernel.TileWidth, OutputBlock = DotKernel.OutputBlock;
    private const int Read = Height + 2;        // rows read for them, and products made of them
    // floats before a row, the last of which are the pixels on its left: the row itself begins at a whole vector
    private const int Before = 16;
    private const int Run = Before + TileWidth + Before;
    // of a row of all maps: the transformed rows take six times as much, most of a core's caches
    private const int MaxFloats = 1 << 15;

    private readonly DotKernel _kernel;
    private readonly int _inputs, _outputs, _dilation;

    /// <param name="weights">What <see cref="Pack"/> returned, which the caller keeps alive.</param>
    /// <param name="dilation">Distance between the kernel's pixels, and between the four rows: 1, 2, 4 or 8.</param>
    public WinogradRows(DotWeights weights, int dilation)
    {
        _dilation = dilation;
        _outputs = weights.Outputs / Read;
        _inputs = weights.Inputs / 3;
        _kernel = weights.Kernel;
    }

    /// <summary>Columns of a tile that stays within a core's caches.</summary>
    public static int Columns(int inputs, int outputs) => Tiles.Columns(inputs + outputs, MaxFloats);

    /// <summary>A 3x3 kernel with its columns in Winograd's form: <c>[6·out, 3·in]</c>, the outputs rounded up to whole blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // a process loads a model once, so its loops would run unoptimized
    public static DotWeights Pack(ConvolutionWeights weights)
    {
        int outputs = DotKernel.Padded(weights.Outputs), taps = 3 * weights.Inputs;
        float[] packed = new float[Read * outputs * taps], bias = new float[Read * outputs];
        for (int o = 0; o < weights.Outputs; o++)
        {
            for (int tap = 0; tap < taps; tap++)
            {
                float a = weights.At(o, tap / 3, 0, tap % 3), b = weights.At(o, tap / 3, 1, tap % 3),
                    c = weights.At(o, tap / 3, 2, tap % 3);
                ReadOnlySpan<float> form = [a / 4, -(a + b + c) / 6, -(a - b + c) / 6, a / 24 + b / 12 + c / 6, a / 24 - b / 12 + c / 6, c];
                for (int product = 0; product < Read; product++)
                    packed[(product * outputs + o) * taps + tap] = form[product];
            }
        }
        weights.Bias.CopyTo(bias, outputs); // the second product is in every row of the output once
        return new DotWeights(packed, bias, Read * outputs, taps);
    }

    /// <summary>Floats of memory that a tile needs.</summary>
    public nint WorkspaceSize => (nint)Read * (_inputs * Run + _outputs * TileWidth) + TileWidth + 3 * _inputs;

    /// <summary>Computes the products for four rows of the output.</summary>
    /// <param name="maps">What is convolved; beyond its border it is 0.</param>
    /// <param name="tile">Its image and columns.</param>
    /// <param name="y">The first of them.</param>
    /// <param name="room"><see cref="WorkspaceSize"/> floats at a multiple of 64 bytes.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Multiply<V>(in FeatureMaps maps, in Tile tile, int y, float* room)
        where V : unmanaged, ISimdVector<V, float>
    {
        float* products = room + Read * _inputs * Run, nothing = products + Read * _outputs * TileWidth;
        new Span<float>(nothing, TileWidth).Clear();
        float** rows = stackalloc float*[Read];
        for (int map = 0; map < _inputs; map++)
        {
            for (int i = 0, row = y - _dilation; i < Read; i++, row += _dilation)
                rows[i] = (uint)row < (uint)maps.Height ? maps.At(tile.Map, map, (long)row * maps.Width + tile.Left) : nothing;
            float* sums = room + map * Run + Before;
            int done = Sum<V>(rows, sums, 0, tile.Count);
            Sum<SimdScalar<float>>(rows, sums, done, tile.Count);
            for (int column = 0; column < _dilation; column++)
            {
                Beside(rows, nothing, sums, column - _dilation, tile.Left + column >= _dilation);
                Beside(rows, nothing, sums, tile.Count + column, tile.Left + tile.Count + column < maps.Width);
            }
        }

        int* taps = (int*)(nothing + TileWidth);
        for (int map = 0; map < _inputs; map++)
        {
            int middle = map * Run + Before;
            (taps[3 * map], taps[3 * map + 1], taps[3 * map + 2]) = (middle - _dilation, middle, middle + _dilation);
        }
        for (int product = 0; product < Read; product++)
        {
            for (int o = 0; o < _outputs; o += OutputBlock)
            {
                float* sums = products + (product * _outputs + o) * TileWidth;
                _kernel.Accumulate<V>(product * _outputs + o, room + product * _inputs * Run, taps, sums, tile.Count);
            }
        }
    }

    /// <summary>Four rows of one map of the output.</summary>
    /// <param name="map">Which.</param>
    /// <param name="room">What <see cref="Multiply"/> filled.</param>
    /// <param name="rows">Receives the four rows.</param>
    /// <param name="count">Pixels.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Result<V>(int map, float* room, float** rows, int count)
        where V : unmanaged, ISimdVector<V, float>
    {
        float* products = room + Read * _inputs * Run + map * TileWidth;
        Combine<SimdScalar<float>>(products, rows, Combine<V>(products, rows, 0, count), count);
    }

    /// <summary>A column beside a tile: the map's, or 0 beyond its border.</summary>
    private void Beside(float** rows, float* nothing, float* sums, int column, bool inside)
    {
        float** there = stackalloc float*[Read];
        for (int i = 0; i < Read; i++)
            there[i] = inside && rows[i] != nothing ? rows[i] + column : nothing;
        Sum<SimdScalar<float>>(there, sums + column, 0, 1);
    }

    /// <summary>Six sums of six rows, from a pixel to the last whole vector; returns where that ends.</summary>
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

    /// <summary>Four rows of six products, from a pixel to the last whole vector; returns where that ends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Combine<V>(float* products, float** rows, int from, int count)
        where V : unmanaged, ISimdVector<V, float>
    {
        nint next = _outputs * TileWidth;
        V two = V.Broadcast(2), four = V.Broadcast(4), eight = V.Broadcast(8);
        float* r0 = rows[0], r1 = rows[1], r2 = rows[2], r3 = rows[3];
        for (; from + V.Width <= count; from += V.Width)
        {
            float* product = products + from;
            V m1 = V.Load(product + next), m2 = V.Load(product + 2 * next), m3 = V.Load(product + 3 * next),
                m4 = V.Load(product + 4 * next);
            V near = m1 + m2, nearOdd = m1 - m2, far = m3 + m4, farOdd = m3 - m4;
            V.Store(V.Load(product) + near + far, r0 + from);
            V.Store(V.MultiplyAdd(farOdd, two, nearOdd), r1 + from);
            V.Store(V.MultiplyAdd(far, four, near), r2 + from);
            V.Store(V.MultiplyAdd(farOdd, eight, nearOdd) + V.Load(product + 5 * next), r3 + from);
        }
        return from;
    }
}
