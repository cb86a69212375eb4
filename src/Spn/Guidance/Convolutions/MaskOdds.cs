using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Spn.Native;
using Spn.Propagation;
using Spn.Propagation.Cpu;
using Spn.Simd;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Guidance.Convolutions;

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
    {
        using Tensor shuffled = nn.functional.pixel_shuffle(decoded, 2), odds = shuffled.narrow(1, 0, 1), keep = shuffled.narrow(1, 1, 1);
        using Tensor share = keep.sigmoid(), old = mask.logit(Epsilon), scaled = old.mul(scale);
        return lerp(odds, scaled, share);
    }

    /// <summary>Rows in one pass; libtorch's seven operations read and write ten maps of the mask's size.</summary>
    internal readonly unsafe struct Rows
    {
        private readonly float* _mask, _refined;
        private readonly float _scale;

        /// <param name="mask">Dense, in memory that the caller keeps alive.</param>
        /// <param name="refined">Dense, as large.</param>
        /// <param name="scale">s.</param>
        public Rows(Tensor mask, Tensor refined, float scale)
        {
            _mask = (float*)TensorMemory.Pointer(mask);
            _refined = (float*)TensorMemory.Pointer(refined);
            _scale = scale;
        }

        /// <summary>A row of 2x2 pixels.</summary>
        /// <param name="decoded">Eight runs, of which this leaves the last four as shares.</param>
        /// <param name="stride">From one of them to the next, in floats.</param>
        /// <param name="at">The first pixel of the upper row.</param>
        /// <param name="below">From the upper row to the lower one.</param>
        /// <param name="count">How many 2x2 pixels.</param>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)] // at once: a few masks would not be enough to earn it
        public void Row<V>(float* decoded, int stride, long at, long below, int count)
            where V : unmanaged, ISimdVector<V, float>
        {
            for (int run = 4; run < 8; run++)
                Share<SimdScalar<float>>(decoded + run * stride, Share<V>(decoded + run * stride, 0, count), count);
            for (int dy = 0; dy < 2; dy++, at += below)
            {
                float* odds = decoded + 2 * dy * stride, share = odds + 4 * stride;
                int x = 0;
                for (; Vector512.IsHardwareAccelerated && x <= count - Vector512<float>.Count; x += Vector512<float>.Count)
                {
                    Vector512<float> odds0 = Vector512.Load(odds + x), odds1 = Vector512.Load(odds + stride + x);
                    Vector512<float> share0 = Vector512.Load(share + x), share1 = Vector512.Load(share + stride + x);
                    Refine(at + 2 * x, Left(odds0, odds1), Left(share0, share1));
                    Refine(at + 2 * x + Vector512<float>.Count, Right(odds0, odds1), Right(share0, share1));
                }
                for (; x <= count - Vector256<float>.Count; x += Vector256<float>.Count)
                {
                    Vector256<float> odds0 = Vector256.Load(odds + x), odds1 = Vector256.Load(odds + stride + x);
                    Vector256<float> share0 = Vector256.Load(share + x), share1 = Vector256.Load(share + stride + x);
                    Refine(at + 2 * x, Left(odds0, odds1), Left(share0, share1));
                    Refine(at + 2 * x + Vector256<float>.Count, Right(odds0, odds1), Right(share0, share1));
                }
                for (; x < count; x++)
                {
                    Refine(at + 2 * x, odds[x], share[x]);
                    Refine(at + 2 * x + 1, odds[stride + x], share[stride + x]);
                }
            }
        }

        /// <summary>The sigmoid of what says how much to keep, from a pixel to the last whole vector; where that ends.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static int Share<V>(float* keep, int from, int count)
            where V : unmanaged, ISimdVector<V, float>
        {
            V one = V.Broadcast(1);
            for (; from + V.Width <= count; from += V.Width)
            {
                V odds = V.Load(keep + from), power = V.ExpNonPositive(default(V) - V.Abs(odds)), larger = one / (one + power);
                V.Store(V.WhereGreater(odds, default, larger, power * larger), keep + from);
            }
            return from;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Refine(long at, Vector256<float> odds, Vector256<float> share)
        {
            Vector256<float> one = Vector256<float>.One;
            Vector256<float> mask = Vector256.Min(Vector256.Max(Vector256.Load(_mask + at), Vector256.Create(Epsilon)), Vector256.Create(1 - Epsilon));
            Vector256<float> old = Vector256.Log(mask / (one - mask)) * _scale;
            (odds + share * (old - odds)).Store(_refined + at);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Refine(long at, Vector512<float> odds, Vector512<float> share)
        {
            Vector512<float> one = Vector512<float>.One;
            Vector512<float> mask = Vector512.Min(Vector512.Max(Vector512.Load(_mask + at), Vector512.Create(Epsilon)), Vector512.Create(1 - Epsilon));
            Vector512<float> old = Vector512.Log(mask / (one - mask)) * _scale;
            (odds + share * (old - odds)).Store(_refined + at);
        }

        private void Refine(long at, float odds, float share)
        {
            float mask = Math.Clamp(_mask[at], Epsilon, 1 - Epsilon), old = MathF.Log(mask / (1 - mask)) * _scale;
            _refined[at] = odds + share * (old - odds);
        }

        /// <summary>The first halves of two vectors, alternating.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<float> Left(Vector256<float> a, Vector256<float> b) => Alternate(
            Vector256.Shuffle(a, Vector256.Create(0, 0, 1, 1, 2, 2, 3, 3)), Vector256.Shuffle(b, Vector256.Create(0, 0, 1, 1, 2, 2, 3, 3)));

        /// <summary>The second halves of two vectors, alternating.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<float> Right(Vector256<float> a, Vector256<float> b) => Alternate(
            Vector256.Shuffle(a, Vector256.Create(4, 4, 5, 5, 6, 6, 7, 7)), Vector256.Shuffle(b, Vector256.Create(4, 4, 5, 5, 6, 6, 7, 7)));

        /// <inheritdoc cref="Left(Vector256{float}, Vector256{float})"/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector512<float> Left(Vector512<float> a, Vector512<float> b) => Vector512.Create(Left(a.GetLower(), b.GetLower()), Right(a.GetLower(), b.GetLower()));

        /// <inheritdoc cref="Right(Vector256{float}, Vector256{float})"/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector512<float> Right(Vector512<float> a, Vector512<float> b) => Vector512.Create(Left(a.GetUpper(), b.GetUpper()), Right(a.GetUpper(), b.GetUpper()));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<float> Alternate(Vector256<float> even, Vector256<float> odd)
            => Vector256.ConditionalSelect(Vector256.Create(-1, 0, -1, 0, -1, 0, -1, 0).AsSingle(), even, odd);
    }
}
