using System.Runtime.CompilerServices;

namespace Spn.Imaging;

/// <summary>Along one axis, the pixels of a source that contribute to each pixel of a destination, and their weights. Immutable.</summary>
internal sealed class AxisTaps
{
    private readonly int[] _first;
    private readonly int[] _start; // of a pixel's weights; the last one is the end of all
    private readonly float[] _weights;

    /// <param name="begin">Where the destination begins, in source pixels; it may lie within a pixel.</param>
    /// <param name="length">The length of the destination, in source pixels.</param>
    /// <param name="available">The number of source pixels.</param>
    /// <param name="count">The number of destination pixels.</param>
    public AxisTaps(double begin, double length, int available, int count)
    {
        double step = length / count;
        Shrinks = step > 1;
        // The pixels that the region touches by more than a rounding error.
        int first = Math.Clamp((int)Math.Floor(begin + 1e-6), 0, available - 1);
        int last = Math.Clamp((int)Math.Ceiling(begin + length - 1e-6) - 1, first, available - 1);
        List<float> weights = [];
        (_first, _start) = (new int[count], new int[count + 1]);
        for (int i = 0; i < count; i++)
        {
            _start[i] = weights.Count;
            _first[i] = step <= 1
                ? AddBetween(weights, begin + (i + 0.5) * step - 0.5, first, last)
                : AddOver(weights, begin + i * step, begin + (i + 1) * step, first, last);
        }
        _start[count] = weights.Count;
        _weights = [.. weights];
    }

    private AxisTaps(int[] first, int[] start, float[] weights) => (_first, _start, _weights, Shrinks) = (first, start, weights, true);

    /// <summary>Whether the destination has fewer pixels, so that many pixels of the source contribute to each.</summary>
    public bool Shrinks { get; }

    /// <summary>The number of destination pixels.</summary>
    public int Count => _first.Length;

    /// <summary>A whole axis to another number of pixels.</summary>
    public static AxisTaps Whole(int available, int count) => new(0, available, available, count);

    /// <summary>
    /// A whole axis to fewer pixels, each the mean of all source pixels that it touches. Neighbours share the pixels between them, so this
    /// is a little smoother than exact areas.
    /// </summary>
    public static AxisTaps Touched(int available, int count)
    {
        int[] first = new int[count], start = new int[count + 1];
        List<float> weights = [];
        for (int i = 0; i < count; i++)
        {
            (start[i], first[i]) = (weights.Count, (int)((long)i * available / count));
            int end = (int)(((long)(i + 1) * available + count - 1) / count);
            weights.AddRange(Enumerable.Repeat(1f / (end - first[i]), end - first[i]));
        }
        start[count] = weights.Count;
        return new AxisTaps(first, start, [.. weights]);
    }

    /// <summary>The first source pixel that contributes to a destination pixel.</summary>
    public int First(int i) => _first[i];

    /// <summary>The weights of a destination pixel's source pixels.</summary>
    public ReadOnlySpan<float> Weights(int i) => _weights.AsSpan(_start[i], _start[i + 1] - _start[i]);

    /// <summary>Resamples a line.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Apply(ReadOnlySpan<float> line, Span<float> target)
    {
        for (int i = 0; i < target.Length; i++)
        {
            ReadOnlySpan<float> weights = Weights(i), pixels = line.Slice(_first[i], weights.Length);
            float sum = 0;
            for (int k = 0; k < weights.Length; k++)
                sum += weights[k] * pixels[k];
            target[i] = sum;
        }
    }

    private static int AddBetween(List<float> weights, double position, int first, int last)
    {
        double inside = Math.Clamp(position, first, last);
        int left = Math.Min((int)inside, Math.Max(first, last - 1));
        if (left == last)
        {
            weights.Add(1);
            return left;
        }
        float right = (float)(inside - left);
        weights.Add(1 - right);
        weights.Add(right);
        return left;
    }

    private static int AddOver(List<float> weights, double begin, double end, int first, int last)
    {
        int left = Math.Clamp((int)Math.Floor(begin + 1e-6), first, last), right = Math.Clamp((int)Math.Ceiling(end - 1e-6) - 1, left, last);
        double total = 0;
        for (int i = left; i <= right; i++)
            total += Share(i);
        for (int i = left; i <= right; i++)
            weights.Add(total > 0 ? (float)(Share(i) / total) : 1f / (right - left + 1));
        return left;

        double Share(int i) => Math.Max(0, Math.Min(end, i + 1) - Math.Max(begin, i));
    }
}
