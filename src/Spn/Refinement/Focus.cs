using System.Numerics;
using System.Runtime.CompilerServices;
using Spn.Imaging;
using Spn.Models;

namespace Spn.Refinement;

/// <summary>
/// The rectangle of an image in which a mask leaves something to decide: around all open pixels. A pixel is open if it is between inside
/// and outside, or if a boundary passes to its right or below. The default value is empty.
/// </summary>
/// <param name="Top">The first row.</param>
/// <param name="Bottom">The row after the last one.</param>
/// <param name="Left">The first column.</param>
/// <param name="Right">The column after the last one.</param>
internal readonly record struct Focus(int Top, int Bottom, int Left, int Right)
{
    private const int Grid = ICroppableGuidance.Cell;

    /// <summary>Changes fade out over this many pixels at the sides of a rectangle.</summary>
    private const int Fade = 16;

    /// <summary>Probabilities nearer to 0 or 1 are decided: 5 grey levels of 255.</summary>
    private const float Certain = 0.02f;

    public int Width => Right - Left;

    public int Height => Bottom - Top;

    public long Pixels => (long)Width * Height;

    public bool IsEmpty => Pixels == 0;

    /// <summary>All of an image.</summary>
    public static Focus Whole(Planes image) => new(0, image.Height, 0, image.Width);

    /// <summary>The rectangle as a part of an image, with sides that fade out.</summary>
    public Part PartOf(Planes image) => new(Span(Top, Bottom, image.Height), Span(Left, Right, image.Width));

    /// <summary>Whether it is all of an image.</summary>
    public bool IsWhole(Planes image) => Width == image.Width && Height == image.Height;

    /// <summary>The smallest rectangle around this one and another.</summary>
    public Focus With(Focus other) => other.IsEmpty ? this
        : IsEmpty ? other
        : new(Math.Min(Top, other.Top), Math.Max(Bottom, other.Bottom), Math.Min(Left, other.Left), Math.Max(Right, other.Right));

    /// <summary>The same place within a rectangle around it.</summary>
    public Focus Within(Focus outer) => new(Top - outer.Top, Bottom - outer.Top, Left - outer.Left, Right - outer.Left);

    /// <summary>The rectangle enlarged by <paramref name="reach"/> pixels on each side, within the image and on the grid.</summary>
    /// <param name="reach">Pixels.</param>
    /// <param name="width">The image's pixels per row.</param>
    /// <param name="height">The image's rows.</param>
    public Focus Grown(int reach, int width, int height) => IsEmpty
        ? this
        : new(Down(Top - reach), Up(Bottom + reach, height), Down(Left - reach), Up(Right + reach, width));

    /// <summary>The tight rectangle around what a mask does not decide.</summary>
    /// <param name="mask"><c>[height, width]</c>, in 0..1.</param>
    /// <param name="width">Pixels per row.</param>
    public static Focus Of(ReadOnlySpan<float> mask, int width)
    {
        int height = mask.Length / width;
        (int top, int bottom, int left, int right) = (height, 0, width, 0);
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<float> row = mask.Slice(y * width, width), below = y + 1 < height ? mask.Slice((y + 1) * width, width) : row;
            int first = FirstOpen(row, below, 0, width);
            if (first == width)
                continue;
            (top, bottom) = (Math.Min(top, y), y + 1);
            left = Math.Min(left, first);
            right = Math.Max(right, LastOpen(row, below, right) + 1);
        }
        return bottom == 0 ? default : new(top, bottom, left, right);
    }

    private static TileSpan Span(int begin, int end, int length)
        => new(begin, end, begin == 0 ? -1 : begin, end == length ? -1 : end - Fade, 4 * Fade);

    private static int Down(int position) => Math.Max(0, position) / Grid * Grid;

    private static int Up(int position, int length) => Math.Min(length, (position + Grid - 1) / Grid * Grid);

    /// <summary>The first open pixel of a range of columns, or the range's end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int FirstOpen(ReadOnlySpan<float> row, ReadOnlySpan<float> below, int x, int end)
    {
        while (x + Vector<float>.Count < end && !AnyOpen(row, below, x))
            x += Vector<float>.Count;
        while (x < end && !IsOpen(row, below, x))
            x++;
        return x;
    }

    /// <summary>The last open pixel from a column on, or the column before that.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int LastOpen(ReadOnlySpan<float> row, ReadOnlySpan<float> below, int begin)
    {
        int x = row.Length - 1;
        if (x >= begin && IsOpen(row, below, x))
            return x;
        while (x - Vector<float>.Count >= begin && !AnyOpen(row, below, x - Vector<float>.Count))
            x -= Vector<float>.Count;
        while (x >= begin && !IsOpen(row, below, x))
            x--;
        return x;
    }

    /// <summary>Whether any of a vector's pixels is open; the row must continue after the vector.</summary>
    private static bool AnyOpen(ReadOnlySpan<float> row, ReadOnlySpan<float> below, int x)
    {
        Vector<float> value = new(row[x..]), half = new(0.5f);
        Vector<int> open = Vector.GreaterThan(value, new Vector<float>(Certain)) & Vector.LessThan(value, new Vector<float>(1 - Certain))
            | Vector.GreaterThan(Vector.Abs(value - new Vector<float>(row[(x + 1)..])), half)
            | Vector.GreaterThan(Vector.Abs(value - new Vector<float>(below[x..])), half);
        return open != Vector<int>.Zero;
    }

    private static bool IsOpen(ReadOnlySpan<float> row, ReadOnlySpan<float> below, int x)
        => row[x] is > Certain and < 1 - Certain || Math.Abs(row[x] - below[x]) > 0.5f
            || x + 1 < row.Length && Math.Abs(row[x] - row[x + 1]) > 0.5f;
}
