using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Spn.Native;
using Spn.Propagation;
using Spn.Propagation.Cpu;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Guidance;

/// <summary>
/// The end of a residual propagation: for every pixel the network's new log-odds and the share of the mask's old ones to keep,
/// refined = keep · s · odds(mask) + (1 - keep) · new.
/// </summary>
internal static class MaskOdds
{
    /// <summary>The mask is clamped to [Epsilon, 1 - Epsilon] before its log-odds are taken: ±4.6 at most.</summary>
    public const float Epsilon = 0.01f;

    /// <param name="decoded"><c>[N, 8, h, w]</c>: new log-odds of 2x2 pixels, then the log-odds of keeping the old ones.</param>
    /// <param name="mask"><c>[N, 1, 2·h, 2·w]</c>, float32 in 0..1.</param>
    /// <param name="scale">s, <c>[1]</c>.</param>
    /// <returns>The refined log-odds <c>[N, 1, 2·h, 2·w]</c>.</returns>
    public static Tensor Refine(Tensor decoded, Tensor mask, Tensor scale)
        => is_grad_enabled() || decoded.device_type != DeviceType.CPU ? Composed(decoded, mask, scale) : Fused(decoded, mask, scale);

    /// <summary>In operations of libtorch, for training and for CUDA.</summary>
    internal static Tensor Composed(Tensor decoded, Tensor mask, Tensor scale)
    {
        using Tensor shuffled = nn.functional.pixel_shuffle(decoded, 2), odds = shuffled.narrow(1, 0, 1), keep = shuffled.narrow(1, 1, 1);
        using Tensor share = keep.sigmoid(), old = mask.logit(Epsilon), scaled = old.mul(scale);
        return lerp(odds, scaled, share);
    }

    // In one pass over the maps, a row of 2x2 pixels at a time; libtorch's seven read and write ten maps of the mask's size.
    private static unsafe Tensor Fused(Tensor decoded, Tensor mask, Tensor scale)
    {
        using Tensor planes = decoded.contiguous(), old = mask.contiguous();
        Tensor refined = empty_like(old);
        var job = new Job
        {
            Decoded = (float*)TensorMemory.Pointer(planes),
            Mask = (float*)TensorMemory.Pointer(old),
            Refined = (float*)TensorMemory.Pointer(refined),
            Scale = scale.item<float>(),
            Height = (int)planes.shape[2],
            Width = (int)planes.shape[3],
        };
        int units = (int)((planes.shape[0] * job.Height + Job.RowsPerUnit - 1) / Job.RowsPerUnit);
        job.Rows = planes.shape[0] * job.Height;
        WorkerTeam.Run(units, get_num_threads(), &Job.Run, &job);
        GC.KeepAlive(planes);
        GC.KeepAlive(old);
        GC.KeepAlive(refined);
        return refined;
    }

    private unsafe struct Job
    {
        public const int RowsPerUnit = 16;

        public float* Decoded, Mask, Refined;
        public float Scale;
        public int Height, Width;
        public long Rows;

        public static void Run(void* state, int unit)
        {
            Job job = *(Job*)state;
            for (long row = (long)unit * RowsPerUnit; row < Math.Min((unit + 1L) * RowsPerUnit, job.Rows); row++)
                job.Row(row / job.Height, row % job.Height);
        }

        /// <summary>A row of the decoded maps, two rows of the mask.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)] // at once: a few masks would not be enough to earn it
        private readonly void Row(long mask, long y)
        {
            long plane = (long)Height * Width;
            float* decoded = Decoded + mask * 8 * plane + y * Width;
            for (int dy = 0; dy < 2; dy++)
            {
                float* odds = decoded + 2 * dy * plane, keep = odds + 4 * plane;
                long at = mask * 4 * plane + (2 * y + dy) * 2 * Width;
                int x = 0;
                for (; x <= Width - Vector256<float>.Count; x += Vector256<float>.Count)
                {
                    Vector256<float> odds0 = Vector256.Load(odds + x), odds1 = Vector256.Load(odds + plane + x);
                    Vector256<float> keep0 = Vector256.Load(keep + x), keep1 = Vector256.Load(keep + plane + x);
                    Refine(at + 2 * x, Left(odds0, odds1), Left(keep0, keep1));
                    Refine(at + 2 * x + Vector256<float>.Count, Right(odds0, odds1), Right(keep0, keep1));
                }
                for (; x < Width; x++)
                {
                    Refine(at + 2 * x, odds[x], keep[x]);
                    Refine(at + 2 * x + 1, odds[plane + x], keep[plane + x]);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Refine(long at, Vector256<float> odds, Vector256<float> keep)
        {
            Vector256<float> one = Vector256<float>.One;
            Vector256<float> mask = Vector256.Min(Vector256.Max(Vector256.Load(Mask + at), Vector256.Create(Epsilon)), Vector256.Create(1 - Epsilon));
            Vector256<float> old = Vector256.Log(mask / (one - mask)) * Scale, share = one / (one + Vector256.Exp(-keep));
            (odds + share * (old - odds)).Store(Refined + at);
        }

        private readonly void Refine(long at, float odds, float keep)
        {
            float mask = Math.Clamp(Mask[at], Epsilon, 1 - Epsilon), old = MathF.Log(mask / (1 - mask)) * Scale, share = 1 / (1 + MathF.Exp(-keep));
            Refined[at] = odds + share * (old - odds);
        }

        /// <summary>The first halves of two vectors, alternating.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<float> Left(Vector256<float> a, Vector256<float> b) => Alternate(
            Vector256.Shuffle(a, Vector256.Create(0, 0, 1, 1, 2, 2, 3, 3)), Vector256.Shuffle(b, Vector256.Create(0, 0, 1, 1, 2, 2, 3, 3)));

        /// <summary>The second halves of two vectors, alternating.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<float> Right(Vector256<float> a, Vector256<float> b) => Alternate(
            Vector256.Shuffle(a, Vector256.Create(4, 4, 5, 5, 6, 6, 7, 7)), Vector256.Shuffle(b, Vector256.Create(4, 4, 5, 5, 6, 6, 7, 7)));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<float> Alternate(Vector256<float> even, Vector256<float> odd)
            => Vector256.ConditionalSelect(Vector256.Create(-1, 0, -1, 0, -1, 0, -1, 0).AsSingle(), even, odd);
    }
}
