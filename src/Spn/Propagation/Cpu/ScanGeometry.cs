namespace Spn.Propagation.Cpu;

/// <summary>
/// One direction for the kernels: lines (rows or columns) that are visited in order, each computed from the previous one. Lines are copied
/// to scratch memory in blocks of one row or of several columns.
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

    /// <summary>Whether lines are columns of the image.</summary>
    public bool Columns { get; }

    /// <summary>Whether lines are visited from the last to the first.</summary>
    public bool Backwards { get; }

    /// <summary>The width of the image, which is the distance between its rows.</summary>
    public int Width { get; }

    /// <summary>The offset from a row to the next visited one, for prefetching. The backward pass visits lines in reverse.</summary>
    public int NextRow { get; }

    /// <summary>The number of lines.</summary>
    public int Lines { get; }

    /// <summary>The number of pixels per line.</summary>
    public int Length { get; }

    /// <summary>The maximum number of lines in a block.</summary>
    public int Block { get; }

    public int Blocks => (Lines + Block - 1) / Block;

    /// <summary>The first line and the number of lines of the i-th visited block.</summary>
    public (int First, int Count) BlockAt(int i)
    {
        int block = Backwards ? Blocks - 1 - i : i;
        int first = block * Block;
        return (first, Math.Min(Block, Lines - first));
    }

    /// <summary>
    /// The number of elements of scratch memory, sufficient for rows and columns: a number of lines for each line of a block, plus others.
    /// </summary>
    public static nint ScratchSize(in PropagationShape shape, int elementSize, nint blockLines, nint otherLines)
    {
        nint columns = (blockLines * BlockColumns(shape, elementSize) + otherLines) * LineTile.Stride(shape.Height);
        nint rows = (blockLines + otherLines) * LineTile.Stride(shape.Width);
        return Math.Max(columns, rows);
    }

    /// <summary>
    /// The number of columns in a block: several cache lines of each row, as long as guidance and x of a block fit into L2.
    /// </summary>
    private static int BlockColumns(in PropagationShape shape, int elementSize)
    {
        const int MaxBytes = 3 << 19;
        int cacheLine = 64 / elementSize;
        int fitting = MaxBytes / 4 / elementSize / shape.Height;
        return Math.Min(Math.Clamp(fitting / cacheLine, 1, 4) * cacheLine, shape.Width);
    }
}
