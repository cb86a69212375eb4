using System.Buffers;
using System.Numerics;

namespace Spn.Training.Scenes;

/// <summary>Blurs a channel in place. Beyond the border, the border is repeated.</summary>
internal static class Blur
{
    /// <summary>A Gaussian blur with σ in pixels, truncated at 2.5 σ. A σ below 0.2 has no effect.</summary>
    public static void Gaussian(Channel channel, float sigma)
    {
        if (sigma < 0.2f)
            return;
        float[] taps = Taps(sigma);
        Rows(channel, taps);
        Columns(channel, taps);
    }

    public static void Gaussian(Picture picture, float sigma)
    {
        foreach (Channel channel in picture.Channels)
            Gaussian(channel, sigma);
    }

    /// <summary>Averages along a line, given in pixels, like the motion of a camera or an object.</summary>
    public static void Motion(Channel channel, Vector2 line)
    {
        int steps = Math.Max(2, (int)MathF.Ceiling(line.Length()) + 1), margin = (int)MathF.Ceiling(line.Length() / 2) + 1;
        using Channel padded = new(channel.Width + 2 * margin, channel.Height + 2 * margin);
        for (int y = 0; y < padded.Height; y++)
        {
            ReadOnlySpan<float> row = channel.Row(Math.Clamp(y - margin, 0, channel.Height - 1));
            Span<float> to = padded.Row(y);
            to[..margin].Fill(row[0]);
            row.CopyTo(to[margin..]);
            to[(margin + row.Length)..].Fill(row[^1]);
        }
        channel.Values.Clear();
        for (int i = 0; i < steps; i++)
        {
            // Each step shifts the whole picture by a fraction of a pixel: four copies, each shifted by whole pixels.
            Vector2 move = line * ((float)i / (steps - 1) - 0.5f) + new Vector2(margin);
            int left = (int)move.X, top = (int)move.Y;
            float x = move.X - left, y = move.Y - top;
            for (int row = 0; row < channel.Height; row++)
            {
                Span<float> to = channel.Row(row), upper = padded.Row(row + top)[left..],
                    lower = padded.Row(Math.Min(row + top + 1, padded.Height - 1))[left..];
                AddTimes(to, upper[..to.Length], (1 - x) * (1 - y) / steps);
                AddTimes(to, upper.Slice(1, to.Length), x * (1 - y) / steps);
                AddTimes(to, lower[..to.Length], (1 - x) * y / steps);
                AddTimes(to, lower.Slice(1, to.Length), x * y / steps);
            }
        }
    }

    private static float[] Taps(float sigma)
    {
        int radius = (int)MathF.Ceiling(2.5f * sigma);
        float[] taps = new float[2 * radius + 1];
        float sum = 0;
        for (int i = 0; i < taps.Length; i++)
            sum += taps[i] = MathF.Exp(-(i - radius) * (i - radius) / (2 * sigma * sigma));
        for (int i = 0; i < taps.Length; i++)
            taps[i] /= sum;
        return taps;
    }

    private static void Rows(Channel channel, ReadOnlySpan<float> taps)
    {
        int radius = taps.Length / 2, width = channel.Width;
        float[] padded = ArrayPool<float>.Shared.Rent(width + 2 * radius);
        for (int y = 0; y < channel.Height; y++)
        {
            Span<float> row = channel.Row(y);
            padded.AsSpan(0, radius).Fill(row[0]);
            row.CopyTo(padded.AsSpan(radius));
            padded.AsSpan(radius + width, radius).Fill(row[^1]);
            row.Clear();
            for (int i = 0; i < taps.Length; i++)
                AddTimes(row, padded.AsSpan(i, width), taps[i]);
        }
        ArrayPool<float>.Shared.Return(padded);
    }

    private static void Columns(Channel channel, ReadOnlySpan<float> taps)
    {
        int radius = taps.Length / 2, height = channel.Height;
        using Channel source = new(channel.Width, height);
        channel.CopyTo(source);
        for (int y = 0; y < height; y++)
        {
            Span<float> row = channel.Row(y);
            row.Clear();
            for (int i = 0; i < taps.Length; i++)
                AddTimes(row, source.Row(Math.Clamp(y + i - radius, 0, height - 1)), taps[i]);
        }
    }

    private static void AddTimes(Span<float> sum, ReadOnlySpan<float> values, float factor)
    {
        int x = 0;
        for (var factors = new Vector<float>(factor); x <= sum.Length - Vector<float>.Count; x += Vector<float>.Count)
            (new Vector<float>(sum[x..]) + factors * new Vector<float>(values[x..])).CopyTo(sum[x..]);
        for (; x < sum.Length; x++)
            sum[x] += factor * values[x];
    }
}
