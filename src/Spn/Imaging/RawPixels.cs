namespace Spn.Imaging;

/// <summary>The description of a caller's pixel buffer, checked when it is given.</summary>
internal static class RawPixels
{
    /// <summary>Elements from one row to the next.</summary>
    /// <param name="argument">The caller's buffer, which an exception names.</param>
    /// <param name="available">Elements in the buffer.</param>
    /// <param name="width">Pixels a row, 1 or more.</param>
    /// <param name="height">Rows, 1 or more.</param>
    /// <param name="stride">Elements from one row to the next; 0 means that rows follow each other without gaps.</param>
    /// <param name="channels">Elements a pixel.</param>
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
                $"{argument}: {available:N0} elements came; {width} x {height} pixels with stride {step:N0} need {needed:N0}.", argument);
        }
        return checked((int)step);
    }
}
