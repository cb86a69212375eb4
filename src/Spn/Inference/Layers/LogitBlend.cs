using System.Runtime.CompilerServices;
using Spn.Simd;

namespace Spn.Inference.Layers;

/// <summary>
/// The last step of a model for rows of 2x2 pixels: new log-odds become probabilities. A residual propagation first blends them with the
/// mask's own, keep · s · logit(mask) + (1 - keep) · new.
/// </summary>
/// <param name="masks">The coarse masks, <c>[K, 1, 2·h, 2·w]</c>, or none for new log-odds alone.</param>
/// <param name="refined">Receives the probabilities, <c>[K, 1, 2·h, 2·w]</c>.</param>
/// <param name="scale">s.</param>
internal readonly unsafe struct LogitBlend(FeatureMaps masks, FeatureMaps refined, float scale)
{
    /// <summary>The mask is clamped to [Epsilon, 1 - Epsilon] before its log-odds are taken: ±4.6 at most.</summary>
    public const float Epsilon = 0.01f;

    private readonly FeatureMaps _masks = masks, _refined = refined;
    private readonly float _scale = scale;

    /// <summary>
    /// Rows that the network computes for 2x2 pixels: their log-odds, then, if there are masks, the log-odds of keeping the old ones.
    /// </summary>
    public int Rows => _masks.IsNone ? 4 : 8;

    /// <summary>1 / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sigmoid<V>(V value)
        where V : unmanaged, ISimdVector<V, float>
    {
        V one = V.Broadcast(1), power = V.ExpNonPositive(default(V) - V.Abs(value)), larger = one / (one + power);
        return V.WhereGreater(value, default, larger, power * larger);
    }

    /// <summary>The log-odds of a probability, which is clamped first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Logit<V>(V value)
        where V : unmanaged, ISimdVector<V, float>
    {
        V mask = V.Min(V.Broadcast(1 - Epsilon), V.Max(V.Broadcast(Epsilon), value));
        return V.Log(mask / (V.Broadcast(1) - mask));
    }

    /// <summary>A row of 2x2 pixels.</summary>
    /// <param name="decoded"><see cref="Rows"/> rows.</param>
    /// <param name="stride">From one of them to the next, in floats.</param>
    /// <param name="mask">Which mask.</param>
    /// <param name="y">The upper row, of the masks of half the size.</param>
    /// <param name="left">The first column, likewise.</param>
    /// <param name="count">How many 2x2 pixels.</param>
    public void Row<V>(float* decoded, int stride, int mask, int y, int left, int count)
        where V : unmanaged, ISimdVector<V, float>
    {
        for (int dy = 0; dy < 2; dy++)
        {
            long pixel = (2L * y + dy) * _refined.Width + 2 * left;
            float* odds = decoded + 2 * dy * stride, old = _masks.At(mask, 0, pixel), refined = _refined.At(mask, 0, pixel);
            Pairs<SimdScalar<float>>(odds, stride, old, refined, Pairs<V>(odds, stride, old, refined, 0, count), count);
        }
    }

    /// <summary>From a pixel to the last whole vector; returns where that ends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Pairs<V>(float* odds, int stride, float* old, float* refined, int from, int count)
        where V : unmanaged, ISimdVector<V, float>
    {
        for (; from + V.Width <= count; from += V.Width)
        {
            V left = V.Load(odds + from), right = V.Load(odds + stride + from);
            V.Interleave(left, right, out V low, out V high);
            if (old != null)
            {
                float* keep = odds + 4 * stride + from;
                V.Interleave(Sigmoid(V.Load(keep)), Sigmoid(V.Load(keep + stride)), out V keepLow, out V keepHigh);
                low = Blend(low, keepLow, V.Load(old + 2 * from));
                high = Blend(high, keepHigh, V.Load(old + 2 * from + V.Width));
            }
            V.Store(Sigmoid(low), refined + 2 * from);
            V.Store(Sigmoid(high), refined + 2 * from + V.Width);
        }
        return from;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V Blend<V>(V odds, V keep, V mask)
        where V : unmanaged, ISimdVector<V, float>
        => odds + keep * (Logit(mask) * V.Broadcast(_scale) - odds);
}
