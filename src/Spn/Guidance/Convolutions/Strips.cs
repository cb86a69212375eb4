namespace Spn.Guidance.Convolutions;

/// <summary>Maps cut into units of work: strips of a few rows, at most <see cref="WeightedSums.Piece"/> pixels wide.</summary>
internal readonly struct Strips
{
    private readonly int _height, _width, _rows, _columns, _down, _across;

    /// <param name="maps">How many maps, or images with all of their maps.</param>
    /// <param name="height">A map's rows.</param>
    /// <param name="width">A map's columns.</param>
    /// <param name="rows">A strip's rows.</param>
    /// <param name="columns">A strip's columns, at most <see cref="WeightedSums.Piece"/>.</param>
    public Strips(long maps, long height, long width, int rows, int columns = WeightedSums.Piece)
    {
        (_height, _width, _rows, _columns) = ((int)height, (int)width, rows, columns);
        _down = (_height + rows - 1) / rows;
        _across = (_width + columns - 1) / columns;
        Count = (int)maps * _down * _across;
    }

    /// <summary>Columns of a strip whose rows of so many maps lie together in a core's caches: whole pairs of the widest vectors.</summary>
    /// <param name="maps">Maps that come in and go out.</param>
    /// <param name="mostFloats">Of a row of them.</param>
    /// <returns>0 where the maps are too many.</returns>
    public static int Columns(long maps, int mostFloats)
    {
        const int Pair = 32;
        return (int)Math.Min(WeightedSums.Piece, mostFloats / maps / Pair * Pair);
    }

    /// <summary>How many strips.</summary>
    public int Count { get; }

    public Strip this[int unit]
    {
        get
        {
            (int rest, int across) = Math.DivRem(unit, _across);
            (int map, int down) = Math.DivRem(rest, _down);
            int left = across * _columns, top = down * _rows;
            return new Strip(map, left, Math.Min(_columns, _width - left), top, Math.Min(top + _rows, _height));
        }
    }
}

/// <summary>Rows <paramref name="Top"/> to <paramref name="Bottom"/> - 1 of a map, <paramref name="Count"/> pixels from <paramref name="Left"/> on.</summary>
internal readonly record struct Strip(int Map, int Left, int Count, int Top, int Bottom);
