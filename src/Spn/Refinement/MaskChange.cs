using System.Numerics;
using System.Runtime.CompilerServices;
using Spn.Imaging;

namespace Spn.Refinement;

/// <summary>
/// What a refinement changed, compared with the image: how many pixels changed sides, how much contrast the boundaries have before and
/// after, and whether the changed pixels have the colours of their new side.
/// </summary>
internal sealed class MaskChange
{
    /// <summary>Colours are counted at every fourth pixel of every fourth row, in 8 levels per channel.</summary>
    private const int Step = 4, Levels = 8, Colors = Levels * Levels * Levels;

    /// <summary>Contrast that no boundary falls below, so that ratios stay bounded.</summary>
    private const double MinContrast = 0.02;

    private readonly Planes _image;
    private readonly float _threshold;
    private readonly int[] _gained = new int[Colors]; // pixels that became inside minus those that became outside
    private Boundary _before, _after;
    private long _insideBefore, _insideAfter;
    private int _top, _bottom, _left, _right; // of the boundaries

    private MaskChange(Planes image, float threshold)
    {
        (_image, _threshold) = (image, threshold);
        (_top, _left) = (image.Height, image.Width);
    }

    /// <summary>The pixels that changed sides.</summary>
    public long ChangedPixels { get; private set; }

    /// <summary>How much more likely the colours of changed pixels are on their new side: the mean of the logarithms.</summary>
    private double ColorLogOdds { get; set; }

    /// <summary>Compares a mask before and after its refinement.</summary>
    /// <param name="image"><c>[3, H, W]</c>, RGB in 0..1.</param>
    /// <param name="coarse"><c>[H, W]</c>.</param>
    /// <param name="refined"><c>[H, W]</c>.</param>
    /// <param name="threshold">Pixels at or above it are inside.</param>
    public static MaskChange Of(Planes image, ReadOnlySpan<float> coarse, ReadOnlySpan<float> refined, float threshold)
    {
        MaskChange change = new(image, threshold);
        int width = image.Width;
        for (int y = 0; y < image.Height; y++)
        {
            int row = y * width, below = y + 1 < image.Height ? row + width : row;
            Line before = new(coarse.Slice(row, width), coarse.Slice(below, width));
            Line after = new(refined.Slice(row, width), refined.Slice(below, width));
            change.AddRow(y, before, after);
        }
        if (change.ChangedPixels > 0)
            change.CompareColors(coarse, refined);
        return change;
    }

    /// <summary>
    /// The changed pixels relative to the smaller mask, the contrast of the boundary after relative to before, and the colours of the
    /// changed pixels; the first two as logarithms.
    /// </summary>
    public double[] Features() =>
    [
        Math.Log((ChangedPixels + 1.0) / (Math.Min(_insideBefore, _insideAfter) + 1)),
        Math.Log((_after.MeanContrast + MinContrast) / (_before.MeanContrast + MinContrast)),
        ColorLogOdds,
    ];

    private void AddRow(int y, Line before, Line after)
    {
        int width = _image.Width, x = 0;
        for (; x + Vector<float>.Count < width; x += Vector<float>.Count)
        {
            if (IsUniform(before, after, x, out bool inside))
            {
                _insideBefore += inside ? Vector<float>.Count : 0;
                _insideAfter += inside ? Vector<float>.Count : 0;
                continue;
            }
            for (int i = x; i < x + Vector<float>.Count; i++)
                AddPixel(i, y, before, after);
        }
        for (; x < width; x++)
            AddPixel(x, y, before, after);
    }

    /// <summary>Whether a vector's pixels, and those to their right and below, are on one side in both masks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsUniform(Line before, Line after, int x, out bool inside)
    {
        Vector<float> threshold = new(_threshold);
        inside = before.Row[x] >= _threshold;
        Vector<int> expected = inside ? Vector<int>.AllBitsSet : Vector<int>.Zero;
        Vector<int> differs = Side(before.Row[x..]) | Side(before.Row[(x + 1)..]) | Side(before.Below[x..])
            | Side(after.Row[x..]) | Side(after.Row[(x + 1)..]) | Side(after.Below[x..]);
        return differs == Vector<int>.Zero;

        Vector<int> Side(ReadOnlySpan<float> values) => Vector.GreaterThanOrEqual(new Vector<float>(values), threshold) ^ expected;
    }

    private void AddPixel(int x, int y, Line before, Line after)
    {
        bool inBefore = before.Row[x] >= _threshold, inAfter = after.Row[x] >= _threshold;
        _insideBefore += inBefore ? 1 : 0;
        _insideAfter += inAfter ? 1 : 0;
        if (inBefore != inAfter)
        {
            ChangedPixels++;
            _gained[ColorAt(y * _image.Width + x)] += inAfter ? 1 : -1;
        }
        AddBoundary(ref _before, x, y, before, inBefore);
        AddBoundary(ref _after, x, y, after, inAfter);
    }

    /// <summary>Adds the boundaries to the right of a pixel and below it.</summary>
    private void AddBoundary(ref Boundary boundary, int x, int y, Line mask, bool inside)
    {
        (int width, int height, int at) = (_image.Width, _image.Height, y * _image.Width + x);
        if (x + 1 < width && mask.Row[x + 1] >= _threshold != inside)
            boundary.Add(Contrast(x > 0 ? at - 1 : at, x + 2 < width ? at + 2 : at + 1));
        else if (mask.Below[x] >= _threshold == inside)
            return;
        if (mask.Below[x] >= _threshold != inside)
            boundary.Add(Contrast(y > 0 ? at - width : at, y + 2 < height ? at + 2 * width : at + width));
        (_top, _bottom) = (Math.Min(_top, y), Math.Max(_bottom, y));
        (_left, _right) = (Math.Min(_left, x), Math.Max(_right, x));
    }

    /// <summary>The difference of two pixels on both sides of a boundary, 0..1.</summary>
    private float Contrast(int first, int second)
    {
        float sum = 0;
        for (int channel = 0; channel < 3; channel++)
            sum += Math.Abs(_image[channel][first] - _image[channel][second]);
        return sum / 3;
    }

    /// <summary>Compares the changed pixels with those around the boundaries that stayed inside, and that stayed outside.</summary>
    private void CompareColors(ReadOnlySpan<float> coarse, ReadOnlySpan<float> refined)
    {
        int[] inside = new int[Colors], outside = new int[Colors];
        (int width, int height) = (_image.Width, _image.Height);
        int around = (int)Math.Sqrt((double)width * height) / 16, lastRow = Math.Min(height - 1, _bottom + around),
            lastColumn = Math.Min(width - 1, _right + around);
        for (int y = Math.Max(0, _top - around); y <= lastRow; y += Step)
        {
            for (int x = Math.Max(0, _left - around); x <= lastColumn; x += Step)
            {
                int at = y * width + x;
                bool isInside = refined[at] >= _threshold;
                if (coarse[at] >= _threshold == isInside)
                    (isInside ? inside : outside)[ColorAt(at)]++;
            }
        }
        double insides = inside.Sum() + (double)Colors, outsides = outside.Sum() + (double)Colors, sum = 0;
        for (int color = 0; color < Colors; color++)
        {
            if (_gained[color] != 0)
                sum += _gained[color] * Math.Log((inside[color] + 1) / insides / ((outside[color] + 1) / outsides));
        }
        ColorLogOdds = sum / ChangedPixels;
    }

    private int ColorAt(int pixel) => (Level(_image[0][pixel]) * Levels + Level(_image[1][pixel])) * Levels + Level(_image[2][pixel]);

    private static int Level(float value) => Math.Clamp((int)(value * Levels), 0, Levels - 1);

    /// <summary>A row of a mask and the row below, which is the row itself at the lower border.</summary>
    private readonly ref struct Line(ReadOnlySpan<float> row, ReadOnlySpan<float> below)
    {
        public ReadOnlySpan<float> Row { get; } = row;

        public ReadOnlySpan<float> Below { get; } = below;
    }

    /// <summary>The places where a mask changes sides, and the image's contrast there.</summary>
    private struct Boundary
    {
        private double _contrast;
        private long _length;

        public readonly double MeanContrast => _length == 0 ? 0 : _contrast / _length;

        public void Add(float contrast)
        {
            _contrast += contrast;
            _length++;
        }
    }
}
