namespace Spn.Propagation;

/// <summary>
/// The sizes of one propagation and the offsets of its planes, for contiguous x <c>[N, C, H, W]</c>, guidance <c>[N, D, K, G, H, W]</c>,
/// input gate <c>[N, D, G, H, W]</c> and hidden maps <c>[N, D, C, H, W]</c>.
/// </summary>
internal readonly record struct PropagationShape(
    int Batch, int Channels, int Height, int Width, int Groups, ScanDirections Directions, GateConnection Connection)
{
    public int DirectionCount => int.PopCount((int)Directions);

    /// <summary>Number of directions that scan columns. They precede the others.</summary>
    public int ColumnDirections => int.PopCount((int)(Directions & (ScanDirections.LeftToRight | ScanDirections.RightToLeft)));

    /// <summary>Number of directions that scan rows.</summary>
    public int RowDirections => DirectionCount - ColumnDirections;

    /// <summary>Gates per direction: 3 or 1.</summary>
    public int Gates => (int)Connection;

    public int ChannelsPerGroup => Channels / Groups;

    public nint Plane => (nint)Height * Width;

    public nint XPlane(int n, int c) => ((nint)n * Channels + c) * Plane;

    public nint GuidancePlane(int n, int d, int k, int g) => ((((nint)n * DirectionCount + d) * Gates + k) * Groups + g) * Plane;

    public nint InputGatePlane(int n, int d, int g) => (((nint)n * DirectionCount + d) * Groups + g) * Plane;

    public nint HiddenPlane(int n, int d, int c) => (((nint)n * DirectionCount + d) * Channels + c) * Plane;

    public nint XSize => (nint)Batch * Channels * Plane;

    public nint HiddenSize => (nint)Batch * DirectionCount * Channels * Plane;

    /// <summary>The d-th selected direction, in the guidance's order.</summary>
    public ScanDirections DirectionAt(int d)
    {
        int left = (int)Directions;
        for (; d > 0; d--)
            left &= left - 1;
        return (ScanDirections)(left & -left);
    }
}
