using System.Runtime.CompilerServices;
using Spn.Native;
using Spn.Propagation.Cpu;
using Spn.Simd;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Guidance.Convolutions;

/// <summary>
/// A 3x3 convolution of stride 2 over planes of float32 with its ReLU, y = ReLU(W·x + b), in one pass on the CPU. Beyond the border x is 0.
/// </summary>
/// <remarks>
/// It is bound by its multiplications. Two rows of the result share the row between them, and Winograd's filtering F(2, 2) over it and its two neighbours saves a sixth of them: with rows a, e, b, f, c of the input and
/// kernel rows w0, w1, w2 the results a·w0 + e·w1 + b·w2 and b·w0 + f·w1 + c·w2 are P + Q and R + Q of P = (a - b)·w0 + e·w1, Q = b·(w0 + w2), R = (c - b)·w2 + f·w1. Rows are taken
/// apart into even and odd columns, of which the kernel's columns are runs (<see cref="WeightedSums"/>). A unit of work is a strip of all maps, the narrower the more they are.
/// </remarks>
internal static unsafe class HalvingConvolution
{
    private const int Piece = WeightedSums.Piece, Results = WeightedSums.Results, RowsPerUnit = 16;
    private const int Before = 16;                     // floats before a run, the last of which is the pixel on its left
    private const int Padded = Before + Piece, Row = 2 * Padded; // even columns, odd columns
    private const int MostFloats = 1 << 14;            // of a row of all maps: what is made of it takes ten times as much, most of a core's own caches

    /// <summary>What the products are made of, in the order in which they lie: P reads the first two, Q the third, R the last two.</summary>
    private enum Part
    {
        Above,  // a - b
        First,  // e
        Middle, // b
        Second, // f
        Below,  // c - b
    }

    private const int Parts = 5;

    /// <summary>Whether a convolution can be done so, and within a core's caches.</summary>
    /// <param name="inputs">Maps that come in.</param>
    /// <param name="outputs">Maps that go out.</param>
    public static bool Fits(long inputs, long outputs) => outputs % Results == 0 && Strips.Columns(inputs + outputs, MostFloats) > 0;

    /// <summary>The weights of the three products.</summary>
    /// <param name="weight"><c>[out, in, 3, 3]</c>.</param>
    /// <returns>Of P and R each <c>[out, 2·in·3]</c>, of Q <c>[out, in·3]</c>, one after the other.</returns>
    public static Tensor Weights(Tensor weight)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] rows = weight.unbind(2);
        Tensor p = cat([rows[0], rows[1]], 1), q = rows[0].add(rows[2], Scalars.One), r = cat([rows[1], rows[2]], 1);
        return cat([p.reshape(-1), r.reshape(-1), q.reshape(-1)]).MoveToOuterDisposeScope();
    }

    /// <param name="input">x, <c>[N, in, h, w]</c>, float32.</param>
    /// <param name="weight">What <see cref="Weights"/> gave.</param>
    /// <param name="bias">b, <c>[out]</c>.</param>
    /// <param name="level">The width of vectors.</param>
    /// <param name="threads">The most threads.</param>
    /// <returns>y, <c>[N, out, ⌈h/2⌉, ⌈w/2⌉]</c>.</returns>
    /// <exception cref="ArgumentException">The maps do not fit the weights.</exception>
    public static Tensor Forward(Tensor input, Tensor weight, Tensor bias, SimdLevel level, int threads)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor maps = MapRuns.Planes(input), dense = bias.contiguous(), nothing = zeros_like(dense);
        long n = maps.shape[0], inputs = maps.shape[1], outputs = bias.shape[0], height = (maps.shape[2] + 1) / 2, width = (maps.shape[3] + 1) / 2;
        if (weight.shape[0] != 15 * inputs * outputs)
            throw new ArgumentException($"Maps [{string.Join(", ", input.shape)}] came; the weights are for {weight.shape[0] / 15 / outputs}.", nameof(input));
        Tensor output = empty(n, outputs, height, width, float32, CPU);
        Tensor[] products = weight.split([6 * inputs * outputs, 6 * inputs * outputs, 3 * inputs * outputs]);
        var job = new Job
        {
            Maps = new MapRuns(maps),
            Output = new MapRuns(output),
            P = new WeightedSums(products[0], nothing, 6 * (int)inputs),
            Q = new WeightedSums(products[2], dense, 3 * (int)inputs),
            R = new WeightedSums(products[1], nothing, 6 * (int)inputs),
            Inputs = (int)inputs,
            Outputs = (int)outputs,
            Rows = (int)maps.shape[2],
            Columns = (int)maps.shape[3],
            Width = (int)width,
            Strips = new Strips(n, height, width, RowsPerUnit, Strips.Columns(inputs + outputs, MostFloats)),
        };
        SimdJob.Run(job, job.Strips.Count, level, threads, OpenMpThreads.Available);
        GC.KeepAlive(weight);
        return output.MoveToOuterDisposeScope();
    }

    private struct Job : ISimdJob
    {
        public MapRuns Maps, Output;
        public WeightedSums P, Q, R;
        public Strips Strips;
        public int Inputs, Outputs, Rows, Columns, Width;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)] // at once: a few masks would not be enough to earn it
        public static void Run<V>(void* state, int unit)
            where V : unmanaged, ISimdVector<V, float>
        {
            ref readonly Job job = ref *(Job*)state;
            Strip strip = job.Strips[unit];
            int part = job.Inputs * Row, taps = 3 * job.Inputs;
            using Scratch.Lease lease = Scratch.Rent((Parts * part + 3 * Results * Piece) * sizeof(float));
            float* parts = (float*)lease.Pointer, p = parts + Parts * part, q = p + Results * Piece, r = q + Results * Piece;

            // Two parts lie one after the other, so the taps of one follow those of the other.
            int* offsets = stackalloc int[2 * taps];
            for (int map = 0; map < 2 * job.Inputs; map++)
            {
                int even = map * Row + Before, odd = even + Padded;
                (offsets[3 * map], offsets[3 * map + 1], offsets[3 * map + 2]) = (odd - 1, even, odd);
            }
            for (int y = strip.Top; y < strip.Bottom; y += 2)
            {
                job.Read<V>(strip, y, parts);
                for (int o = 0; o < job.Outputs; o += Results)
                {
                    job.P.Sum<V>(o, parts + (int)Part.Above * part, offsets, p, strip.Count);
                    job.Q.Sum<V>(o, parts + (int)Part.Middle * part, offsets, q, strip.Count);
                    job.R.Sum<V>(o, parts + (int)Part.Second * part, offsets, r, strip.Count);
                    for (int result = 0; result < Results; result++)
                    {
                        long pixel = (long)y * job.Width + strip.Left;
                        float* shared = q + result * Piece;
                        WeightedSums.Finish<V>(p + result * Piece, shared, null, relu: true, job.Output.At(strip.Map, o + result, pixel), strip.Count, past: false);
                        if (y + 1 < strip.Bottom)
                            WeightedSums.Finish<V>(r + result * Piece, shared, null, relu: true, job.Output.At(strip.Map, o + result, pixel + job.Width), strip.Count, past: false);
                    }
                }
            }
        }

        /// <summary>The five parts of all maps for two rows of the result.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Read<V>(in Strip strip, int y, float* parts)
            where V : unmanaged, ISimdVector<V, float>
        {
            int part = Inputs * Row;
            for (int map = 0; map < Inputs; map++, parts += Row)
            {
                for (int i = 0; i < Parts; i++)
                    Split(strip, map, 2 * y - 1 + i, parts + i * part);
                float* middle = parts + (int)Part.Middle * part;
                Subtract<V>(parts + (int)Part.Above * part, middle, strip.Count);
                Subtract<V>(parts + (int)Part.Below * part, middle, strip.Count);
            }
        }

        /// <summary>A row's even columns, then its odd ones with one on their left; 0 beyond the border.</summary>
        private readonly void Split(in Strip strip, int map, int y, float* row)
        {
            float* even = row + Before, odd = even + Padded;
            if ((uint)y >= (uint)Rows)
            {
                new Span<float>(even, strip.Count).Clear();
                new Span<float>(odd - 1, strip.Count + 1).Clear();
                return;
            }
            float* x = Maps.At(strip.Map, map, (long)y * Columns + 2 * strip.Left);
            int pairs = Math.Min(strip.Count, Columns / 2 - strip.Left);
            odd[-1] = strip.Left == 0 ? 0 : x[-1];
            WeightedSums.SplitColumns(x, even, odd, pairs);
            if (pairs < strip.Count)
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

        /// <summary>From a pixel to the last whole vector; where that ends.</summary>
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
