namespace Spn.Guidance.Convolutions;

/// <summary>Maps cut into units of work: strips of a few rows, <see cref="WeightedSums.Piece"/> pixels wide.</summary>
internal readonly struct Strips
{
    private readonly int _height, _width, _rows, _down, _across;

    /// <param name="maps">How many maps, or images with all of their maps.</param>
    /// <param name="height">A map's rows.</param>
    /// <param name="width">A map's columns.</param>
    /// <param name="rows">A strip's rows.</param>
    public Strips(long maps, long height, long width, int rows)
    {
        (_height, _width, _rows) = ((int)height, (int)width, rows);
        _down = (_height + rows - 1) / rows;
        _across = (_width + WeightedSums.Piece - 1) / WeightedSums.Piece;
        Count = (int)maps * _down * _across;
    }

    /// <summary>How many strips.</summary>
    public int Count { get; }

    public Strip this[int unit]
    {
        get
        {
            (int rest, int across) = Math.DivRem(unit, _across);
            (int map, int down) = Math.DivRem(rest, _down);
            int left = across * WeightedSums.Piece, top = down * _rows;
            return new Strip(map, left, Math.Min(WeightedSums.Piece, _width - left), top, Math.Min(top + _rows, _height));
        }
    }
}

/// <summary>Rows <paramref name="Top"/> to <paramref name="Bottom"/> - 1 of a map, <paramref name="Count"/> pixels from <paramref name="Left"/> on.</summary>
internal readonly record struct Strip(int Map, int Left, int Count, int Top, int Bottom);
