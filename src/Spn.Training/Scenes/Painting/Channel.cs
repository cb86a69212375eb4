using System.Buffers;

namespace Spn.Training.Scenes;

/// <summary>One channel of an image, in pooled memory, because a scene needs dozens of them.</summary>
internal sealed class Channel : IDisposable
{
    private float[]? _values;

    /// <summary>Creates a channel of zeros.</summary>
    public Channel(int width, int height)
    {
        (Width, Height) = (width, height);
        _values = ArrayPool<float>.Shared.Rent(width * height);
        Values.Clear();
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>The width · height values in row-major order.</summary>
    public Span<float> Values => _values.AsSpan(0, Width * Height);

    public Span<float> Row(int y) => _values.AsSpan(y * Width, Width);

    /// <summary>The bilinearly interpolated value at a point. Beyond the border, the border is repeated.</summary>
    public float At(float x, float y)
    {
        x = Math.Clamp(x, 0, Width - 1);
        y = Math.Clamp(y, 0, Height - 1);
        int left = (int)x, top = (int)y, right = Math.Min(left + 1, Width - 1), below = Math.Min(top + 1, Height - 1);
        (x, y) = (x - left, y - top);
        float[] values = _values!;
        float upper = values[top * Width + left] + x * (values[top * Width + right] - values[top * Width + left]);
        float lower = values[below * Width + left] + x * (values[below * Width + right] - values[below * Width + left]);
        return upper + y * (lower - upper);
    }

    public void CopyTo(Channel other) => Values.CopyTo(other.Values);

    public void Dispose()
    {
        if (_values is { } values)
            ArrayPool<float>.Shared.Return(values);
        _values = null;
    }
}
