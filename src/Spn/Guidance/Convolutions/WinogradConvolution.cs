using System.Runtime.CompilerServices;
using Spn.Native;
using Spn.Propagation.Cpu;
using Spn.Simd;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Guidance.Convolutions;

/// <summary>
/// A 3x3 convolution over planes of float32 with what follows it, y = ReLU(W·x + b) + added, in one pass on the CPU. Beyond the border x is 0.
/// </summary>
/// <remarks>
/// It is bound by its multiplications, of which <see cref="WinogradRows"/> saves half. A unit of work is a strip of all maps, the narrower the more they are; what is between reading the maps and writing the
/// result stays in a core's caches.
/// </remarks>
internal static unsafe class WinogradConvolution
{
    private const int Piece = WeightedSums.Piece;

    /// <param name="input">x, <c>[N, in, h, w]</c>, float32.</param>
    /// <param name="weight">W as <see cref="WinogradRows.Weights"/> gives it.</param>
    /// <param name="bias">b as <see cref="WinogradRows.Bias"/> gives it.</param>
    /// <param name="dilation">Distance between the kernel's pixels.</param>
    /// <param name="added"><c>[N, out, h, w]</c>; <see langword="null"/> for nothing.</param>
    /// <param name="level">The width of vectors.</param>
    /// <param name="threads">The most threads.</param>
    /// <returns>y, <c>[N, out, h, w]</c>.</returns>
    /// <exception cref="ArgumentException">The maps do not fit the weights, or what is added does not fit the result.</exception>
    public static Tensor Forward(Tensor input, Tensor weight, Tensor bias, long dilation, Tensor? added, SimdLevel level, int threads)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor maps = MapRuns.Planes(input);
        Tensor? addend = added is null ? null : MapRuns.Planes(added);
        long n = maps.shape[0], outputs = bias.shape[0] / 6, height = maps.shape[2], width = maps.shape[3];
        if (3 * maps.shape[1] != weight.shape[1])
            throw new ArgumentException($"Maps [{string.Join(", ", input.shape)}] came; the weights are for {weight.shape[1] / 3}.", nameof(input));
        if (addend is not null && !addend.shape.SequenceEqual([n, outputs, height, width]))
            throw new ArgumentException($"[{string.Join(", ", addend.shape)}] is to be added to [{n}, {outputs}, {height}, {width}].", nameof(added));
        Tensor output = empty(n, outputs, height, width, float32, CPU);
        var job = new Job
        {
            Maps = new MapRuns(maps),
            Added = new MapRuns(addend),
            Output = new MapRuns(output),
            Rows = new WinogradRows(weight, bias, (int)dilation),
            Dilation = (int)dilation,
            Outputs = (int)outputs,
            Height = (int)height,
            Width = (int)width,
            Strips = new Strips(n, height, width, WinogradRows.RowsPerUnit, WinogradRows.Columns(maps.shape[1], outputs)),
        };
        SimdJob.Run(job, job.Strips.Count, level, threads, OpenMpThreads.Available);
        GC.KeepAlive(weight);
        GC.KeepAlive(bias);
        return output.MoveToOuterDisposeScope();
    }

    private struct Job : ISimdJob
    {
        public MapRuns Maps, Added, Output;
        public WinogradRows Rows;
        public Strips Strips;
        public int Outputs, Height, Width, Dilation;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)] // at once: a few masks would not be enough to earn it
        public static void Run<V>(void* state, int unit)
            where V : unmanaged, ISimdVector<V, float>
        {
            ref readonly Job job = ref *(Job*)state;
            Strip strip = job.Strips[unit];
            float* results = stackalloc float[WinogradRows.Height * Piece];
            float** rows = stackalloc float*[WinogradRows.Height];
            for (int row = 0; row < WinogradRows.Height; row++)
                rows[row] = results + row * Piece;
            using Scratch.Lease lease = Scratch.Rent(job.Rows.Room * sizeof(float));
            float* room = (float*)lease.Pointer;
            int apart = job.Dilation;
            for (int top = strip.Top; top < strip.Bottom; top += WinogradRows.Height * apart)
            {
                for (int y = top; y < Math.Min(top + apart, strip.Bottom); y++)
                {
                    job.Rows.Multiply<V>(job.Maps, strip, y, job.Height, job.Width, room);
                    for (int o = 0; o < job.Outputs; o++)
                    {
                        job.Rows.Result<V>(o, room, rows, strip.Count);
                        for (int row = 0; row < WinogradRows.Height && y + row * apart < strip.Bottom; row++)
                        {
                            long pixel = (long)(y + row * apart) * job.Width + strip.Left;
                            End<V>(rows[row], job.Added.At(strip.Map, o, pixel), job.Output.At(strip.Map, o, pixel), strip.Count);
                        }
                    }
                }
            }
        }

        private static void End<V>(float* result, float* added, float* output, int count)
            where V : unmanaged, ISimdVector<V, float>
            => End<SimdScalar<float>>(result, added, output, End<V>(result, added, output, 0, count), count);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static int End<V>(float* result, float* added, float* output, int from, int count)
            where V : unmanaged, ISimdVector<V, float>
        {
            for (; from + V.Width <= count; from += V.Width)
            {
                V value = V.Max(default, V.Load(result + from)); // in this order a NaN stays one
                V.Store(added == null ? value : value + V.Load(added + from), output + from);
            }
            return from;
        }
    }
}
