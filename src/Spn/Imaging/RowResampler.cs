using System.Numerics;
using System.Runtime.CompilerServices;

namespace Spn.Imaging;

/// <summary>A row of a plane.</summary>
internal delegate ReadOnlySpan<float> LineSource(int y);

/// <summary>
/// Resamples a rectangle of a plane row by row: bilinearly between pixel centres along an axis that grows (half-pixel centres, edges held),
/// and averaged over areas along an axis that shrinks. Not thread-safe: each thread uses one of its own.
/// </summary>
/// <param name="source">Rows of the source. They are read once each if the rows of the destination are requested in order.</param>
/// <param name="sourceWidth">Pixels per row of the source.</param>
/// <param name="columns">What each column of the destination is made of.</param>
/// <param name="rows">What each row of the destination is made of.</param>
internal sealed class RowResampler(LineSource source, int sourceWidth, AxisTaps columns, AxisTaps rows)
{
    private readonly Dictionary<int, float[]> _lines = []; // rows of the source, resampled along x
    private readonly Stack<float[]> _free = [];
    private readonly float[] _sum = rows.Shrinks ? new float[sourceWidth] : [];

    /// <summary>Computes a row of the destination.</summary>
    /// <param name="y">The row; rows are requested in ascending order.</param>
    /// <param name="target">Receives the row.</param>
    public void Row(int y, Span<float> target)
    {
        int first = rows.First(y);
        ReadOnlySpan<float> weights = rows.Weights(y);
        if (rows.Shrinks)
        {
            // Many source rows per row: their sum first, in whole vectors, so that taps along x are applied once.
            Array.Clear(_sum);
            for (int k = 0; k < weights.Length; k++)
                AddScaled(source(first + k), weights[k], _sum);
            columns.Apply(_sum, target);
            return;
        }
        for (int line = first - 1; _lines.Remove(line, out float[]? old); line--)
            _free.Push(old);
        target.Clear();
        for (int k = 0; k < weights.Length; k++)
        {
            if (weights[k] != 0)
                AddScaled(Line(first + k), weights[k], target);
        }
    }

    private float[] Line(int y)
    {
        if (_lines.TryGetValue(y, out float[]? line))
            return line;
        line = _free.TryPop(out float[]? spare) ? spare : new float[columns.Count];
        columns.Apply(source(y), line);
        _lines.Add(y, line);
        return line;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddScaled(ReadOnlySpan<float> values, float weight, Span<float> target)
    {
        int x = 0;
        var factor = new Vector<float>(weight);
        for (; x <= target.Length - Vector<float>.Count; x += Vector<float>.Count)
            (new Vector<float>(target[x..]) + factor * new Vector<float>(values[x..])).CopyTo(target[x..]);
        for (; x < target.Length; x++)
            target[x] += weight * values[x];
    }
}
