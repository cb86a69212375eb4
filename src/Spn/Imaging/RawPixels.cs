namespace Spn.Imaging;

/// <summary>The rows of a caller's pixel buffer.</summary>
/// <param name="pixels">The buffer.</param>
/// <param name="width">Elements per row.</param>
/// <param name="height">Rows.</param>
/// <param name="stride">Elements from one row to the next.</param>
internal readonly ref struct RawRows<T>(ReadOnlySpan<T> pixels, int width, int height, int stride)
{
    private readonly ReadOnlySpan<T> _pixels = pixels;

    public int Width => width;

    public int Height => height;

    public ReadOnlySpan<T> this[int y] => _pixels.Slice(y * stride, width);
}

/// <summary>The description of a caller's pixel buffer, checked when it is given.</summary>
internal static class RawPixels
{
    /// <summary>Elements from one row to the next.</summary>
    /// <param name="argument">The caller's buffer, which an exception names.</param>
    /// <param name="available">Elements in the buffer.</param>
    /// <param name="width">Pixels per row, 1 or more.</param>
    /// <param name="height">Rows, 1 or more.</param>
    /// <param name="stride">Elements from one row to the next; 0 means that rows follow each other without gaps.</param>
    /// <param name="channels">Elements per pixel.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or the stride is shorter than a row.</exception>
    /// <exception cref="ArgumentException">The buffer is too short.</exception>
    public static int Check(string argument, long available, int width, int height, int stride, int channels = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        long row = (long)width * channels;
        if (stride != 0)
            ArgumentOutOfRangeException.ThrowIfLessThan(stride, row, nameof(stride));
        long step = stride == 0 ? row : stride, needed = step * (height - 1) + row;
        if (available < needed)
        {
            throw new ArgumentException(
                $"{argument}: {width} x {height} pixels with stride {step:N0} need {needed:N0} elements, got {available:N0}.", argument);
        }
        return checked((int)step);
    }

    /// <summary>8-bit mask values to probabilities.</summary>
    /// <param name="rows">The values.</param>
    /// <param name="argument">The caller's argument, which an exception names.</param>
    /// <param name="values">What they mean.</param>
    /// <param name="map"><c>[height, width]</c>.</param>
    /// <exception cref="ArgumentException">The values are ambiguous; see <see cref="MaskValues.Auto"/>.</exception>
    public static void ReadBytes(RawRows<byte> rows, string argument, MaskValues values, Span<float> map)
    {
        int max = 0;
        for (int y = 0; y < rows.Height; y++)
        {
            foreach (byte value in rows[y])
                max = Math.Max(max, value);
        }
        int one = MaskScale.Resolve(max, byte.MaxValue, values,
            (why, advice) => InputProblem.ForArgument(new InputName(argument, "the pixel buffer"), why, advice));
        for (int y = 0; y < rows.Height; y++)
        {
            Span<float> target = map.Slice(y * rows.Width, rows.Width);
            if (one == 1)
                ZeroOne(rows[y], target);
            else
                PixelRows.ToUnit(rows[y], target);
        }

        static void ZeroOne(ReadOnlySpan<byte> row, Span<float> target)
        {
            for (int x = 0; x < row.Length; x++)
                target[x] = row[x];
        }
    }
}
