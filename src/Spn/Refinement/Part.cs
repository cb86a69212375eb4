using System.Numerics;
using System.Runtime.CompilerServices;
using Spn.Imaging;

namespace Spn.Refinement;

/// <summary>A part of an image that is refined by itself, and whose changes fade out at its sides.</summary>
/// <param name="Rows">Its rows.</param>
/// <param name="Columns">Its columns.</param>
internal sealed record Part(TileSpan Rows, TileSpan Columns)
{
    private float[]? _across, _down;

    /// <summary>Copies the part of every plane.</summary>
    /// <returns>Planes that the caller disposes.</returns>
    public Planes Cut(Planes whole)
    {
        Planes part = new(whole.Count, Rows.Length, Columns.Length);
        for (int k = 0; k < whole.Count; k++)
            Cut(whole, k, part[k]);
        return part;
    }

    /// <summary>Copies the part of one plane.</summary>
    public void Cut(Planes whole, int plane, Span<float> part)
    {
        for (int y = 0; y < Rows.Length; y++)
            whole.Row(plane, Rows.Begin + y).Slice(Columns.Begin, Columns.Length).CopyTo(part.Slice(y * Columns.Length, Columns.Length));
    }

    /// <summary>Adds the part's weighted change of one mask to the whole mask.</summary>
    /// <param name="before">The part as it was cut, <c>[rows, columns]</c>.</param>
    /// <param name="after">The refined part.</param>
    /// <param name="whole">The masks, which hold the coarse mask and the changes of other parts.</param>
    /// <param name="plane">Which of them.</param>
    public void AddChange(ReadOnlySpan<float> before, ReadOnlySpan<float> after, Planes whole, int plane)
    {
        float[] across = _across ??= Columns.Weights(), down = _down ??= Rows.Weights();
        int width = Columns.Length;
        for (int y = 0; y < Rows.Length; y++)
        {
            Range row = (y * width)..((y + 1) * width);
            AddChange(after[row], before[row], across, down[y], whole.Row(plane, Rows.Begin + y).Slice(Columns.Begin, width));
        }
    }

    /// <summary>Adds the weighted change of a row. Pixels with the full weight take the refined value itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddChange(
        ReadOnlySpan<float> after, ReadOnlySpan<float> before, ReadOnlySpan<float> across, float down, Span<float> sum)
    {
        int x = 0;
        for (; x <= sum.Length - Vector<float>.Count; x += Vector<float>.Count)
        {
            Vector<float> weight = new Vector<float>(across[x..]) * down, refined = new(after[x..]);
            Vector<float> blended = new Vector<float>(sum[x..]) + weight * (refined - new Vector<float>(before[x..]));
            Vector.ConditionalSelect(Vector.Equals(weight, Vector<float>.One), refined, blended).CopyTo(sum[x..]);
        }
        for (; x < sum.Length; x++)
        {
            float weight = across[x] * down;
            sum[x] = weight == 1 ? after[x] : sum[x] + weight * (after[x] - before[x]);
        }
    }
}
