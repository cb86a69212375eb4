using System.Runtime.CompilerServices;
using Spn.Propagation;
using Spn.Propagation.Cpu;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Spn.Guidance.Convolutions;

/// <summary>
/// The end of a residual propagation: a 3x3 convolution to every pixel's new log-odds and the share of the old ones to keep, then <see cref="MaskOdds"/>.
/// </summary>
/// <remarks>
/// Inference on the CPU does it in one pass, which reads each map once and writes the mask alone; with eight maps to come out, libtorch's convolution uses half of its vectors. A unit of work is a
/// strip of one mask, <see cref="Piece"/> of 2x2 pixels wide. The last three rows of all maps lie together in the cache, with a pixel more on either side; the pixels under the kernel are runs
/// within these (<see cref="WeightedSums"/>).
/// </remarks>
internal static unsafe class MaskDecoder
{
    /// <summary>What the convolution gives for each of 2x2 pixels: log-odds, and the log-odds of keeping the old ones.</summary>
    public const int Outputs = 8;

    private const int Piece = WeightedSums.Piece, Padded = Piece + 2, Results = WeightedSums.Results, RowsPerUnit = 32;
    private const int MostMaps = 64; // the rows of more would not fit in the cache

    /// <param name="convolution">3x3, padding 1, from M maps to <see cref="Outputs"/>.</param>
    /// <param name="maps"><c>[N·K, M, h, w]</c>.</param>
    /// <param name="masks"><c>[N·K, 1, 2·h, 2·w]</c>, float32 in 0..1.</param>
    /// <param name="scale">s, <c>[1]</c>.</param>
    /// <returns>The refined log-odds <c>[N·K, 1, 2·h, 2·w]</c>.</returns>
    public static Tensor Forward(Conv2d convolution, Tensor maps, Tensor masks, Tensor scale)
        => is_grad_enabled() || maps.device_type != DeviceType.CPU || maps.shape[1] > MostMaps
            ? Composed(convolution, maps, masks, scale)
            : Fused(convolution, maps, masks, scale, SimdLevels.Best, get_num_threads());

    /// <summary>In operations of libtorch, for training and for CUDA.</summary>
    internal static Tensor Composed(Conv2d convolution, Tensor maps, Tensor masks, Tensor scale)
    {
        using Tensor decoded = PaddedConvolution.Forward(maps, convolution.weight, convolution.bias);
        return MaskOdds.Refine(decoded, masks, scale);
    }

    internal static Tensor Fused(Conv2d convolution, Tensor maps, Tensor masks, Tensor scale, SimdLevel level, int threads)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor planes = MapRuns.Planes(maps), mask = masks.contiguous(), refined = empty_like(mask);
        Tensor weight = convolution.weight.detach().contiguous(), bias = convolution.bias!.detach().contiguous();
        long n = planes.shape[0], height = planes.shape[2], width = planes.shape[3];
        var job = new Job
        {
            Maps = new MapRuns(planes),
            Sums = new WeightedSums(weight, bias, (int)planes.shape[1] * 9),
            Odds = new MaskOdds.Rows(mask, refined, scale.item<float>()),
            Count = (int)planes.shape[1],
            Height = (int)height,
            Width = (int)width,
            Strips = new Strips(n, height, width, RowsPerUnit),
        };
        LanesJob.Run(job, job.Strips.Count, level, threads);
        GC.KeepAlive(convolution);
        return refined.MoveToOuterDisposeScope();
    }

    private struct Job : ILanesJob
    {
        public MapRuns Maps;
        public WeightedSums Sums;
        public Strips Strips;
        public MaskOdds.Rows Odds;
        public int Count, Height, Width;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)] // at once: a few masks would not be enough to earn it
        public static void Run<V>(void* state, int unit)
            where V : unmanaged, ILanes<V, float>
        {
            ref readonly Job job = ref *(Job*)state;
            (int mask, int left, int count, int top, int bottom) = job.Strips[unit];

            // Three rows that go round: of each, all maps' pixels from one left of the strip to one right of it.
            int row = job.Count * Padded;
            float* rows = stackalloc float[(3 * row) + (Outputs * Piece)], decoded = rows + 3 * row;
            int* offsets = stackalloc int[job.Sums.Inputs];
            for (int y = top, read = top - 1; y < bottom; y++)
            {
                for (; read <= y + 1; read++)
                    job.Read(mask, read, left, count, rows + (read + 3) % 3 * row);
                for (int ky = 0; ky < 3; ky++)
                {
                    int* tap = offsets + 3 * ky;
                    int at = (y + 2 + ky) % 3 * row;
                    for (int map = 0; map < job.Count; map++, tap += 9, at += Padded)
                        (tap[0], tap[1], tap[2]) = (at, at + 1, at + 2);
                }
                for (int o = 0; o < Outputs; o += Results)
                    job.Sums.Sum<V>(o, rows, offsets, decoded + o * Piece, count);
                job.Odds.Row(decoded, Piece, ((long)mask * 2 * job.Height + 2 * y) * 2 * job.Width + 2 * left, 2 * job.Width, count);
            }
        }

        /// <summary>A row of all maps around some pixels; 0 beyond the border.</summary>
        public readonly void Read(int mask, int y, int left, int count, float* row)
        {
            for (int map = 0; map < Count; map++, row += Padded)
            {
                if (y < 0 || y >= Height)
                {
                    new Span<float>(row, Padded).Clear();
                    continue;
                }
                float* from = Maps.At(mask, map, (long)y * Width + left);
                row[0] = left == 0 ? 0 : from[-1];
                Unsafe.CopyBlockUnaligned(row + 1, from, (uint)count * sizeof(float));
                row[count + 1] = left + count == Width ? 0 : from[count];
            }
        }
    }
}
