namespace Spn.Inference;

/// <summary>
/// Where the maps of a call lie: offsets into one block, in the order in which the network takes them. Maps whose times of use do not
/// overlap may share memory. Immutable once it is complete.
/// </summary>
internal sealed class WorkspacePlan
{
    private const long Alignment = 64;
    private const long Start = Alignment; // no map lies at 0, which would be a null pointer while planning

    private readonly List<long> _offsets = [];
    private readonly SortedList<long, long> _used = []; // offset → bytes of what is in use

    /// <summary>Size of the block.</summary>
    public long Bytes { get; private set; } = Start;

    /// <summary>Where the i-th map lies.</summary>
    public long Offset(int i) => _offsets[i];

    /// <summary>Records a map: at the smallest gap that it fits into, or else behind all others.</summary>
    public nint Take(long bytes)
    {
        bytes = (bytes + Alignment - 1) / Alignment * Alignment;
        long best = -1, bestGap = long.MaxValue, end = Start;
        foreach ((long offset, long size) in _used)
        {
            long gap = offset - end;
            if (gap >= bytes && gap < bestGap)
                (best, bestGap) = (end, gap);
            end = offset + size;
        }
        if (best < 0)
            best = end;
        _used.Add(best, Math.Max(bytes, Alignment));
        _offsets.Add(best);
        Bytes = Math.Max(Bytes, best + bytes);
        return (nint)best;
    }

    /// <summary>Records the end of a map's use.</summary>
    public void Release(nint offset)
    {
        if (!_used.Remove(offset))
            throw new InvalidOperationException("Memory is released that is not in use.");
    }

    /// <summary>Checks that the network released everything.</summary>
    public void Complete()
    {
        if (_used.Count > 0)
            throw new InvalidOperationException($"{_used.Count} maps are never released.");
    }
}
