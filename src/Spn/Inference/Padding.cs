namespace Spn.Inference;

/// <summary>
/// An image or mask grown to the right and below so that networks can halve it, and optionally its mirror image: where the pixels of the
/// grown one come from. Padding mirrors the image; it repeats the border's pixels only if the image is smaller than its padding.
/// </summary>
internal readonly record struct Padding
{
    private readonly bool _mirrorsRows, _mirrorsColumns;

    /// <param name="height">Rows of the source.</param>
    /// <param name="width">Columns of the source.</param>
    /// <param name="multiple">What the grown height and width are multiples of.</param>
    public Padding(int height, int width, int multiple)
    {
        (SourceHeight, SourceWidth) = (height, width);
        (Height, Width) = (RoundUp(height, multiple), RoundUp(width, multiple));
        _mirrorsRows = _mirrorsColumns = Width - width < width && Height - height < height;
    }

    /// <summary>
    /// Grown in width first, to whole cells of the deepest maps, and then in both, which is what a view of a mirrored model is.
    /// </summary>
    public static Padding ForView(int height, int width, int cell, int multiple, bool flipped)
    {
        int cells = RoundUp(width, cell), rows = RoundUp(height, multiple);
        return new Padding(height, width, rows, RoundUp(cells, multiple), rows - height < height,
            cells - width < width) { IsFlipped = flipped };
    }

    private Padding(int sourceHeight, int sourceWidth, int height, int width, bool mirrorsRows, bool mirrorsColumns)
    {
        (SourceHeight, SourceWidth, Height, Width) = (sourceHeight, sourceWidth, height, width);
        (_mirrorsRows, _mirrorsColumns) = (mirrorsRows, mirrorsColumns);
    }

    public int SourceHeight { get; }

    public int SourceWidth { get; }

    public int Height { get; }

    public int Width { get; }

    /// <summary>Whether left and right are exchanged after growing.</summary>
    public bool IsFlipped { get; init; }

    /// <summary>Whether the grown one is the source itself.</summary>
    public bool IsIdentity => Height == SourceHeight && Width == SourceWidth && !IsFlipped;

    /// <summary>The source's row of a row.</summary>
    public int Row(int y) => Source(y, SourceHeight, _mirrorsRows);

    /// <summary>The source's column of a column.</summary>
    public int Column(int x) => Source(IsFlipped ? Width - 1 - x : x, SourceWidth, _mirrorsColumns);

    public static int RoundUp(int size, int multiple) => (size + multiple - 1) / multiple * multiple;

    private static int Source(int i, int size, bool mirrors) => i < size ? i : mirrors ? 2 * (size - 1) - i : size - 1;
}
