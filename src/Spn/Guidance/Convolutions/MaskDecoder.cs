using System.Runtime.CompilerServices;
using Spn.Native;
using Spn.Propagation;
using Spn.Propagation.Cpu;
using Spn.Simd;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Spn.Guidance.Convolutions;

/// <summary>
/// The end of a residual propagation: a 3x3 convolution to every pixel's new log-odds and the share of the old ones to keep, then <see cref="MaskOdds"/>.
/// </summary>
/// <remarks>
/// Inference on the CPU does it in one pass, which writes the mask alone; with eight maps to come out, libtorch's convolution uses half of its vectors. A unit of work is a
/// strip of one mask, whose rows come out four at a time (<see cref="WinogradRows"/>).
/// </remarks>
internal static unsafe class MaskDecoder
{
    /// <summary>What the convolution gives for each of 2x2 pixels: log-odds, and the log-odds of keeping the old ones.</summary>
    public const int Outputs = 8;

    private const int Piece = WeightedSums.Piece;

    /// <param name="convolution">3x3, padding 1, from M maps to <see cref="Outputs"/>.</param>
    /// <param name="maps"><c>[N·K, M, h, w]</c>.</param>
    /// <param name="masks"><c>[N·K, 1, 2·h, 2·w]</c>, float32 in 0..1.</param>
    /// <param name="scale">s, <c>[1]</c>.</param>
    /// <returns>The refined log-odds <c>[N·K, 1, 2·h, 2·w]</c>.</returns>
    public static Tensor Forward(Conv2d convolution, Tensor maps, Tensor masks, Tensor scale)
        => is_grad_enabled() || maps.device_type != DeviceType.CPU || !WinogradRows.Fits(maps.shape[1], Outputs, dilation: 1)
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
        Tensor weight = WinogradRows.Weights(convolution.weight.detach()), bias = WinogradRows.Bias(convolution.bias!.detach());
        long n = planes.shape[0], height = planes.shape[2], width = planes.shape[3];
        var job = new Job
        {
            Maps = new MapRuns(planes),
            Rows = new WinogradRows(weight, bias, dilation: 1),
            Odds = new MaskOdds.Rows(mask, refined, scale.item<float>()),
            Height = (int)height,
            Width = (int)width,
            Strips = new Strips(n, height, width, WinogradRows.RowsPerUnit, WinogradRows.Columns(planes.shape[1], Outputs)),
        };
        SimdJob.Run(job, job.Strips.Count, level, threads, OpenMpThreads.Available);
        GC.KeepAlive(convolution);
        return refined.MoveToOuterDisposeScope();
    }

    private struct Job : ISimdJob
    {
        public MapRuns Maps;
        public WinogradRows Rows;
        public Strips Strips;
        public MaskOdds.Rows Odds;
        public int Height, Width;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)] // at once: a few masks would not be enough to earn it
        public static void Run<V>(void* state, int unit)
            where V : unmanaged, ISimdVector<V, float>
        {
            ref readonly Job job = ref *(Job*)state;
            Strip strip = job.Strips[unit];
            float* decoded = stackalloc float[WinogradRows.Height * Outputs * Piece];
            float** rows = stackalloc float*[WinogradRows.Height];
            using Scratch.Lease lease = Scratch.Rent(job.Rows.Room * sizeof(float));
            float* room = (float*)lease.Pointer;
            for (int y = strip.Top; y < strip.Bottom; y += WinogradRows.Height)
            {
                job.Rows.Multiply<V>(job.Maps, strip, y, job.Height, job.Width, room);
                for (int o = 0; o < Outputs; o++)
                {
                    for (int row = 0; row < WinogradRows.Height; row++)
                        rows[row] = decoded + (row * Outputs + o) * Piece;
                    job.Rows.Result<V>(o, room, rows, strip.Count);
                }
                for (int row = 0; row < Math.Min(WinogradRows.Height, strip.Bottom - y); row++)
                {
                    long pixel = (((long)strip.Map * job.Height + y + row) * 2 * job.Width + strip.Left) * 2;
                    job.Odds.Row<V>(decoded + row * Outputs * Piece, Piece, pixel, 2 * job.Width, strip.Count);
                }
            }
        }
    }
}
