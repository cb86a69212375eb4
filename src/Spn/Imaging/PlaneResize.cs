namespace Spn.Imaging;

/// <summary>
/// Resamples a rectangle of a plane of values in 0..1: bilinearly between pixel centres along an axis that grows (half-pixel centres, edges
/// held), and averaged over areas along an axis that shrinks.
/// </summary>
internal static class PlaneResize
{
    /// <summary>The part of the source that the destination shows, in source pixels; it may begin and end within pixels.</summary>
    public readonly record struct Region(double X, double Y, double Width, double Height);

    /// <summary>Contributions of source pixels to one destination pixel: <c>Weights[k]</c> times pixel <c>First + k</c>.</summary>
    private readonly record struct Tap(int First, float[] Weights);

    /// <param name="source"><c>[height, width]</c>.</param>
    /// <param name="width">Source pixels per row.</param>
    /// <param name="height">Source rows.</param>
    /// <param name="region">The rectangle to show; pixels outside it do not contribute.</param>
    /// <param name="destination"><c>[newHeight, newWidth]</c>.</param>
    /// <param name="newWidth">Destination pixels per row.</param>
    /// <param name="newHeight">Destination rows.</param>
    public static void Resample(
        ReadOnlySpan<float> source, int width, int height, Region region, Span<float> destination, int newWidth, int newHeight)
    {
        Tap[] columns = Taps(region.X, region.Width, width, newWidth), rows = Taps(region.Y, region.Height, height, newHeight);
        // Rows of the source, resampled along x; neighbouring destination rows share most of them.
        Dictionary<int, float[]> lines = [];
        Stack<float[]> free = [];
        for (int y = 0; y < newHeight; y++)
        {
            Tap row = rows[y];
            foreach (int old in lines.Keys.Where(line => line < row.First).ToArray())
            {
                free.Push(lines[old]);
                lines.Remove(old);
            }
            Span<float> target = destination.Slice(y * newWidth, newWidth);
            target.Clear();
            for (int k = 0; k < row.Weights.Length; k++)
            {
                int line = row.First + k;
                if (!lines.TryGetValue(line, out float[]? values))
                {
                    lines[line] = values = free.TryPop(out float[]? spare) ? spare : new float[newWidth];
                    Resample(source.Slice(line * width, width), columns, values);
                }
                float weight = row.Weights[k];
                for (int x = 0; x < newWidth; x++)
                    target[x] += weight * values[x];
            }
            foreach (ref float value in target)
                value = Math.Clamp(value, 0f, 1f); // weights sum to 1 except for rounding
        }
    }

    private static void Resample(ReadOnlySpan<float> line, Tap[] columns, float[] values)
    {
        for (int x = 0; x < columns.Length; x++)
        {
            Tap tap = columns[x];
            float sum = 0;
            for (int k = 0; k < tap.Weights.Length; k++)
                sum += tap.Weights[k] * line[tap.First + k];
            values[x] = sum;
        }
    }

    private static Tap[] Taps(double begin, double length, int available, int count)
    {
        double step = length / count;
        // The pixels that the region touches by more than a rounding error.
        int first = Math.Clamp((int)Math.Floor(begin + 1e-6), 0, available - 1);
        int last = Math.Clamp((int)Math.Ceiling(begin + length - 1e-6) - 1, first, available - 1);
        Tap[] taps = new Tap[count];
        for (int i = 0; i < count; i++)
            taps[i] = step <= 1 ? Between(begin + (i + 0.5) * step - 0.5, first, last) : Over(begin + i * step, begin + (i + 1) * step, first, last);
        return taps;
    }

    private static Tap Between(double position, int first, int last)
    {
        double inside = Math.Clamp(position, first, last);
        int left = Math.Min((int)inside, Math.Max(first, last - 1));
        float right = (float)(inside - left);
        return left == last ? new Tap(left, [1f]) : new Tap(left, [1 - right, right]);
    }

    private static Tap Over(double begin, double end, int first, int last)
    {
        int left = Math.Clamp((int)Math.Floor(begin + 1e-6), first, last), right = Math.Clamp((int)Math.Ceiling(end - 1e-6) - 1, left, last);
        float[] weights = new float[right - left + 1];
        double total = 0;
        for (int i = left; i <= right; i++)
            total += Math.Max(0, Math.Min(end, i + 1) - Math.Max(begin, i));
        for (int i = left; i <= right; i++)
            weights[i - left] = total > 0 ? (float)(Math.Max(0, Math.Min(end, i + 1) - Math.Max(begin, i)) / total) : 1f / weights.Length;
        return new Tap(left, weights);
    }
}
