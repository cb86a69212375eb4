namespace Spn.Propagation.Cpu;

/// <summary>
/// One direction as the kernels see it: lines (rows or columns) visited one after the other, each from the one before it. Lines go through
/// scratch in blocks: a row alone, columns a cache line's worth at a time.
/// </summary>
internal readonly struct ScanGeometry
{
    public ScanGeometry(in PropagationShape shape, ScanDirections direction, int elementSize)
    {
        Columns = direction is ScanDirections.LeftToRight or ScanDirections.RightToLeft;
        Backwards = direction is ScanDirections.RightToLeft or ScanDirections.BottomToTop;
        Width = shape.Width;
        Lines = Columns ? shape.Width : shape.Height;
        Length = Columns ? shape.Height : shape.Width;
        Block = BlockLines(Columns, elementSize);
    }

    /// <summary>Lines are columns of the image.</summary>
    public bool Columns { get; }

    /// <summary>Lines are visited from the last to the first.</summary>
    public bool Backwards { get; }

    /// <summary>The image's width: the distance between its rows.</summary>
    public int Width { get; }

    /// <summary>Steps of the scan.</summary>
    public int Lines { get; }

    /// <summary>Pixels a line.</summary>
    public int Length { get; }

    /// <summary>The most lines staged together.</summary>
    public int Block { get; }

    public int Blocks => (Lines + Block - 1) / Block;

    /// <summary>The block visited as the i-th: its first line and how many there are.</summary>
    public (int First, int Count) BlockAt(int i)
    {
        int block = Backwards ? Blocks - 1 - i : i;
        int first = block * Block;
        return (first, Math.Min(Block, Lines - first));
    }

    public static int BlockLines(bool columns, int elementSize) => columns ? 64 / elementSize : 1;
}
