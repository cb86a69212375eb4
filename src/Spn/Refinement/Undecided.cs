using Spn.Imaging;

namespace Spn.Refinement;

/// <summary>
/// The pixels of a downscaled copy at which its masks leave something to decide at full size: the probabilities are between inside and
/// outside, a boundary passes, or the copy lost detail.
/// </summary>
/// <param name="width">The copy's pixels per row.</param>
/// <param name="height">The copy's rows.</param>
internal sealed class Undecided(int width, int height)
{
    /// <summary>
    /// Probabilities nearer to 0 or 1 are decided: 2.5 grey levels of 255. The outermost pixels of the copy do not count alone, because
    /// models leave faint values there.
    /// </summary>
    private const float Certain = 0.01f;

    private readonly bool[] _pixels = new bool[width * height];

    /// <summary>Adds the pixels that a mask of the copy does not decide.</summary>
    /// <param name="mask"><c>[height, width]</c>, in 0..1.</param>
    public void Add(ReadOnlySpan<float> mask)
    {
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int at = y * width + x;
                float value = mask[at];
                if (value is > Certain and < 1 - Certain && x > 0 && y > 0 && x + 1 < width && y + 1 < height)
                    _pixels[at] = true;
                if (x + 1 < width && value >= 0.5f != mask[at + 1] >= 0.5f)
                    _pixels[at] = _pixels[at + 1] = true;
                if (y + 1 < height && value >= 0.5f != mask[at + width] >= 0.5f)
                    _pixels[at] = _pixels[at + width] = true;
            }
        }
    }

    /// <summary>Adds the pixels at which the copy lost detail.</summary>
    /// <param name="doubt"><c>[height, width]</c>; 0 without loss.</param>
    public void AddDetail(ReadOnlySpan<float> doubt)
    {
        for (int i = 0; i < _pixels.Length; i++)
            _pixels[i] |= doubt[i] > 0.5f;
    }

    /// <summary>The smallest range of rows and columns of the image that holds all undecided pixels; empty if there are none.</summary>
    /// <param name="image">The image.</param>
    public (int Top, int Bottom, int Left, int Right) Bounds(Planes image)
    {
        (int top, int bottom, int left, int right) = (height, 0, width, 0);
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<bool> row = _pixels.AsSpan(y * width, width);
            int first = row.IndexOf(true);
            if (first < 0)
                continue;
            (top, bottom) = (Math.Min(top, y), y + 1);
            (left, right) = (Math.Min(left, first), Math.Max(right, row.LastIndexOf(true) + 1));
        }
        return bottom == 0
            ? default
            : (Down(top, image.Height, height), Up(bottom, image.Height, height), Down(left, image.Width, width), Up(right, image.Width, width));
    }

    /// <summary>Whether any pixel of a part of the image is undecided.</summary>
    /// <param name="image">The image.</param>
    /// <param name="rows">The part's rows.</param>
    /// <param name="columns">The part's columns.</param>
    public bool Any(Planes image, TileSpan rows, TileSpan columns)
    {
        (int top, int bottom) = (Down(rows.WeightBegin, height, image.Height), Up(rows.WeightEnd, height, image.Height));
        (int left, int right) = (Down(columns.WeightBegin, width, image.Width), Up(columns.WeightEnd, width, image.Width));
        for (int y = top; y < bottom; y++)
        {
            if (_pixels.AsSpan(y * width + left, right - left).Contains(true))
                return true;
        }
        return false;
    }

    private static int Down(int position, int scaled, int size) => (int)((long)position * scaled / size);

    private static int Up(int position, int scaled, int size) => (int)(((long)position * scaled + size - 1) / size);
}
