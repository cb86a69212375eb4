namespace Spn.Propagation.Cpu;

/// <summary>
/// One direction as the kernels see it: lines (rows or columns) visited one after the other, each from the one before it. Lines go through
/// scratch in blocks: a row alone, columns a cache line's worth at a time.
/// </summary>
internal readonly struct ScanGeometry
{
    public ScanGeometry(in PropagationShape shape, ScanDirections direction, int elementSize, bool inReverse)
    {
        Columns = direction is ScanDirections.LeftToRight or ScanDirections.RightToLeft;
        Backwards = direction is ScanDirections.RightToLeft or ScanDirections.BottomToTop;
        Width = shape.Width;
        Lines = Columns ? shape.Width : shape.Height;
        Length = Columns ? shape.Height : shape.Width;
        NextRow = Backwards == inReverse ? Width : -Width;
        Block = Columns ? BlockColumns(shape, elementSize) : 1;
    }

    /// <summary>Lines are columns of the image.</summary>
    public bool Columns { get; }

    /// <summary>Lines are visited from the last to the first.</summary>
    public bool Backwards { get; }

    /// <summary>The image's width: the distance between its rows.</summary>
    public int Width { get; }

    /// <summary>From a row to the one that the pass visits after it, to be fetched ahead: the backward pass visits lines in reverse.</summary>
    public int NextRow { get; }

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

    /// <summary>Elements of scratch for either way of scanning: so many lines for each line of a block, and so many besides.</summary>
    public static nint ScratchSize(in PropagationShape shape, int elementSize, nint blockLines, nint otherLines)
    {
        nint columns = (blockLines * BlockColumns(shape, elementSize) + otherLines) * LineTile.Stride(shape.Height);
        nint rows = (blockLines + otherLines) * LineTile.Stride(shape.Width);
        return Math.Max(columns, rows);
    }

    /// <summary>Columns a block: several cache lines of each row, as long as a block of guidance and x stays in reach of L2.</summary>
    private static int BlockColumns(in PropagationShape shape, int elementSize)
    {
        const int MostBytes = 3 << 19;
        int cacheLine = 64 / elementSize;
        int fitting = MostBytes / 4 / elementSize / shape.Height;
        return Math.Min(Math.Clamp(fitting / cacheLine, 1, 4) * cacheLine, shape.Width);
    }
}
