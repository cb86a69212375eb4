namespace Spn.Inference.Layers;

/// <summary>Planes cut into units of work: tiles of a few rows, at most <see cref="DotKernel.TileWidth"/> pixels wide.</summary>
internal readonly struct Tiles
{
    private const int VectorPair = 32;

    private readonly int _height, _width, _rows, _columns, _down, _across;

    /// <param name="maps">How many maps, or images with all of their maps.</param>
    /// <param name="height">A map's rows.</param>
    /// <param name="width">A map's columns.</param>
    /// <param name="rows">A tile's rows.</param>
    /// <param name="columns">A tile's columns, at most <see cref="DotKernel.TileWidth"/>.</param>
    public Tiles(int maps, int height, int width, int rows, int columns = DotKernel.TileWidth)
    {
        (_height, _width, _rows, _columns) = (height, width, rows, columns);
        _down = (height + rows - 1) / rows;
        _across = (width + columns - 1) / columns;
        Count = maps * _down * _across;
    }

    /// <summary>
    /// Columns of a tile whose rows of so many maps stay in a core's caches: whole pairs of the widest vectors, at least one.
    /// </summary>
    /// <param name="maps">Maps that are read and written.</param>
    /// <param name="maxFloats">Floats that a row of all of them may have.</param>
    public static int Columns(int maps, int maxFloats)
        => Math.Clamp(maxFloats / maps / VectorPair * VectorPair, VectorPair, DotKernel.TileWidth);

    /// <summary>How many tiles.</summary>
    public int Count { get; }

    public Tile this[int unit]
    {
        get
        {
            (int rest, int across) = Math.DivRem(unit, _across);
            (int map, int down) = Math.DivRem(rest, _down);
            int left = across * _columns, top = down * _rows;
            return new Tile(map, left, Math.Min(_columns, _width - left), top, Math.Min(top + _rows, _height));
        }
    }
}

/// <summary>
/// Rows <paramref name="Top"/> to <paramref name="Bottom"/> - 1 of a map, <paramref name="Count"/> pixels from <paramref name="Left"/> on.
/// </summary>
internal readonly record struct Tile(int Map, int Left, int Count, int Top, int Bottom);
