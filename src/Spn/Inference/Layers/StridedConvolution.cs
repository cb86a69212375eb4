using System.Runtime.CompilerServices;
using Spn.Simd;

namespace Spn.Inference.Layers;

/// <summary>A 3x3 convolution of stride 2 over planes with its ReLU in one pass, y = ReLU(W·x + b). Beyond the border x is 0.</summary>
/// <remarks>
/// Two rows of the output share the input row between them, and Winograd's filtering F(2, 2) over it and its two neighbours saves a sixth
/// of the multiplications: with input rows a, e, b, f, c and kernel rows w0, w1, w2 the outputs a·w0 + e·w1 + b·w2 and b·w0 + f·w1 + c·w2
/// are P + Q and R + Q with P = (a - b)·w0 + e·w1, Q = b·(w0 + w2), R = (c - b)·w2 + f·w1. Rows are split into even and odd columns, in
/// which the kernel's columns are contiguous (<see cref="DotKernel"/>). A unit of work is a tile of all maps, the narrower the more maps
/// there are.
/// </remarks>
internal sealed unsafe class StridedConvolution
{
    private const int TileWidth = DotKernel.TileWidth, OutputBlock = DotKernel.OutputBlock, RowsPerUnit = 16;
    private const int Before = 16;                     // floats before a row, the last of which is the pixel on its left
    private const int Padded = Before + TileWidth, Row = 2 * Padded; // even columns, odd columns
    // of a row of all maps: the five parts take ten times as much, most of a core's caches
    private const int MaxFloats = 1 << 14;
    private const int Parts = 5;

    private readonly DotWeights _p, _q, _r;

    /// <param name="weights">Of a 3x3 kernel.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // a process loads a model once, so its loops would run unoptimized
    public StridedConvolution(ConvolutionWeights weights)
    {
        int outputs = weights.Outputs, inputs = weights.Inputs, taps = 3 * inputs;
        float[] p = new float[outputs * 2 * taps], q = new float[outputs * taps], r = new float[outputs * 2 * taps];
        for (int o = 0; o < outputs; o++)
        {
            for (int i = 0; i < inputs; i++)
            {
                for (int x = 0; x < 3; x++)
                {
                    float w0 = weights.At(o, i, 0, x), w1 = weights.At(o, i, 1, x), w2 = weights.At(o, i, 2, x);
                    int first = o * 2 * taps + 3 * i + x;
                    (p[first], p[first + taps]) = (w0, w1);
                    q[o * taps + 3 * i + x] = w0 + w2;
                    (r[first], r[first + taps]) = (w1, w2);
                }
            }
        }
        _p = new DotWeights(p, [], outputs, 2 * taps);
        _q = new DotWeights(q, weights.Bias, outputs, taps);
        _r = new DotWeights(r, [], outputs, 2 * taps);
    }

    /// <summary>
    /// What the products are made of, in the order in which they lie: P reads the first two, Q the third, R the last two.
    /// </summary>
    private enum Part
    {
        Above,  // a - b
        First,  // e
        Middle, // b
        Second, // f
        Below,  // c - b
    }

    /// <param name="workspace">What runs it.</param>
    /// <param name="input">x, <c>[N, in, h, w]</c>.</param>
    /// <param name="output">y, <c>[N, out, ⌈h/2⌉, ⌈w/2⌉]</c>.</param>
    public void Run(Workspace workspace, FeatureMaps input, FeatureMaps output)
    {
        int columns = Tiles.Columns(input.Channels + output.Channels, MaxFloats);
        var job = new Job
        {
            Maps = input,
            Output = output,
            P = _p.Kernel,
            Q = _q.Kernel,
            R = _r.Kernel,
            Tiles = new Tiles(input.Images, output.Height, output.Width, RowsPerUnit, columns),
        };
        workspace.Run(job, job.Tiles.Count);
    }

    private struct Job : ISimdJob
    {
        public FeatureMaps Maps, Output;
        public DotKernel P, Q, R;
        public Tiles Tiles;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<V>(void* state, int unit)
            where V : unmanaged, ISimdVector<V, float>
        {
            ref readonly Job job = ref *(Job*)state;
            Tile tile = job.Tiles[unit];
            int inputs = job.Maps.Channels, outputs = job.Output.Channels, part = inputs * Row, taps = 3 * inputs;
            using Scratch.Lease lease = Scratch.Rent((nint)(Parts * part + 3 * OutputBlock * TileWidth + 2 * taps) * sizeof(float));
            float* parts = (float*)lease.Pointer, p = parts + Parts * part, q = p + OutputBlock * TileWidth;
            float* r = q + OutputBlock * TileWidth;

            // Two parts lie one after the other, so the taps of one follow those of the other.
            int* offsets = (int*)(r + OutputBlock * TileWidth);
            for (int map = 0; map < 2 * inputs; map++)
            {
                int even = map * Row + Before, odd = even + Padded;
                (offsets[3 * map], offsets[3 * map + 1], offsets[3 * map + 2]) = (odd - 1, even, odd);
            }
            for (int y = tile.Top; y < tile.Bottom; y += 2)
            {
                job.Read<V>(tile, y, parts);
                for (int o = 0; o < outputs; o += OutputBlock)
                {
                    job.P.Accumulate<V>(o, parts + (int)Part.Above * part, offsets, p, tile.Count);
                    job.Q.Accumulate<V>(o, parts + (int)Part.Middle * part, offsets, q, tile.Count);
                    job.R.Accumulate<V>(o, parts + (int)Part.Second * part, offsets, r, tile.Count);
                    for (int i = 0; i < Math.Min(OutputBlock, outputs - o); i++)
                    {
                        float* output = job.Output.At(tile.Map, o + i, (long)y * job.Output.Width + tile.Left), shared = q + i * TileWidth;
                        DotKernel.StoreEpilogue<V>(p + i * TileWidth, shared, null, relu: true, output, tile.Count, nonTemporal: false);
                        if (y + 1 < tile.Bottom)
                            DotKernel.StoreEpilogue<V>(r + i * TileWidth, shared, null, relu: true, output + job.Output.Width, tile.Count,
                                nonTemporal: false);
                    }
                }
            }
        }

        /// <summary>The five parts of all maps for two rows of the output.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Read<V>(in Tile tile, int y, float* parts)
            where V : unmanaged, ISimdVector<V, float>
        {
            int part = Maps.Channels * Row;
            for (int map = 0; map < Maps.Channels; map++, parts += Row)
            {
                for (int i = 0; i < Parts; i++)
                    Split<V>(tile, map, 2 * y - 1 + i, parts + i * part);
                float* middle = parts + (int)Part.Middle * part;
                Subtract<V>(parts + (int)Part.Above * part, middle, tile.Count);
                Subtract<V>(parts + (int)Part.Below * part, middle, tile.Count);
            }
        }

        /// <summary>A row's even columns, then its odd ones with one on their left; 0 beyond the border.</summary>
        private readonly void Split<V>(in Tile tile, int map, int y, float* row)
            where V : unmanaged, ISimdVector<V, float>
        {
            float* even = row + Before, odd = even + Padded;
            if ((uint)y >= (uint)Maps.Height)
            {
                new Span<float>(even, tile.Count).Clear();
                new Span<float>(odd - 1, tile.Count + 1).Clear();
                return;
            }
            float* x = Maps.At(tile.Map, map, (long)y * Maps.Width + 2 * tile.Left);
            int pairs = Math.Min(tile.Count, Maps.Width / 2 - tile.Left);
            odd[-1] = tile.Left == 0 ? 0 : x[-1];
            DotKernel.SplitColumns<V>(x, even, odd, pairs);
            if (pairs < tile.Count)
                (even[pairs], odd[pairs]) = (x[2 * pairs], 0);
        }

        private static void Subtract<V>(float* row, float* less, int count)
            where V : unmanaged, ISimdVector<V, float>
        {
            Less<SimdScalar<float>>(row + Before, less + Before, Less<V>(row + Before, less + Before, 0, count), count);
            row += Padded + Before - 1;
            less += Padded + Before - 1;
            Less<SimdScalar<float>>(row, less, Less<V>(row, less, 0, count + 1), count + 1);
        }

        /// <summary>From a pixel to the last whole vector; returns where that ends.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static int Less<V>(float* row, float* less, int from, int count)
            where V : unmanaged, ISimdVector<V, float>
        {
            for (; from + V.Width <= count; from += V.Width)
                V.Store(V.Load(row + from) - V.Load(less + from), row + from);
            return from;
        }
    }
}
