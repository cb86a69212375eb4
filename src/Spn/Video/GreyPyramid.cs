using Spn.Imaging;

namespace Spn.Video;

/// <summary>
/// The brightness of a frame at its size, at half and at a quarter of it. Its memory is reused for frames of the same size.
/// </summary>
/// <param name="width">The frame's pixels per row.</param>
/// <param name="height">The frame's rows.</param>
internal sealed class GreyPyramid(int width, int height)
{
    public const int Scales = 3;

    private readonly float[][] _levels = [.. Enumerable.Range(0, Scales).Select(
        scale => new float[Size(width, scale) * Size(height, scale)])];

    public int Width => width;

    public int Height => height;

    /// <summary>The brightness in 0..1 at 1 / 2^scale of the frame's size.</summary>
    public ReadOnlySpan<float> this[int scale] => _levels[scale];

    /// <summary>Pixels per row or rows at a scale: half of those before, rounded up.</summary>
    public static int Size(int length, int scale) => (length + (1 << scale) - 1) >> scale;

    /// <summary>Replaces the previous frame.</summary>
    /// <param name="frame"><c>[3, H, W]</c>, RGB in 0..1.</param>
    public void Read(Planes frame)
    {
        ReadOnlySpan<float> red = frame[0], green = frame[1], blue = frame[2];
        float[] grey = _levels[0];
        for (int i = 0; i < grey.Length; i++)
            grey[i] = (red[i] + 2 * green[i] + blue[i]) / 4;
        for (int scale = 1; scale < Scales; scale++)
            Halve(_levels[scale - 1], Size(width, scale - 1), Size(height, scale - 1), _levels[scale]);
    }

    /// <summary>Means of two by two pixels; the last row and column are repeated if their number is odd.</summary>
    private static void Halve(ReadOnlySpan<float> source, int width, int height, Span<float> half)
    {
        int halfWidth = (width + 1) / 2, halfHeight = (height + 1) / 2;
        for (int y = 0; y < halfHeight; y++)
        {
            ReadOnlySpan<float> upper = source.Slice(2 * y * width, width);
            ReadOnlySpan<float> lower = source.Slice(Math.Min(2 * y + 1, height - 1) * width, width);
            for (int x = 0; x < halfWidth; x++)
            {
                int left = 2 * x, right = Math.Min(left + 1, width - 1);
                half[y * halfWidth + x] = (upper[left] + upper[right] + lower[left] + lower[right]) / 4;
            }
        }
    }
}
