namespace Spn.Segmentation.Lattice;

/// <summary>
/// Numbers the vertices of a lattice from 1, in the order in which they are added. A hash table with open addressing; the hash of a vertex
/// is a linear function of its coordinates, so that a neighbour's hash takes one addition.
/// </summary>
internal sealed class VertexTable
{
    private readonly int _dimensions;
    private readonly ulong[] _factors;
    private Slot[] _slots;
    private int[] _keys; // d coordinates per vertex; the last coordinate follows from the others
    private ulong[] _hashes;
    private int _shift;

    public VertexTable(int dimensions)
    {
        _dimensions = dimensions;
        _factors = new ulong[dimensions + 1];
        ulong factor = 0x9E3779B97F4A7C15;
        for (int i = 0; i < dimensions; i++)
        {
            factor = (factor ^ (factor >> 29)) * 0xBF58476D1CE4E5B9 | 1;
            _factors[i] = factor;
            FactorSum += factor;
        }
        _slots = new Slot[1 << 12];
        _shift = 64 - 12;
        _keys = new int[(1 << 11) * dimensions];
        _hashes = new ulong[1 << 11];
    }

    /// <summary>The number of vertices.</summary>
    public int Count { get; private set; }

    /// <summary>The sum of the factors of all coordinates: what a step of 1 along each of them adds to a hash.</summary>
    public ulong FactorSum { get; }

    /// <summary>What a step of 1 along a coordinate adds to a hash.</summary>
    /// <param name="coordinate">0..d. The last coordinate adds nothing.</param>
    public ulong Factor(int coordinate) => _factors[coordinate];

    /// <summary>The first d coordinates of a vertex.</summary>
    /// <param name="vertex">Its number, 1..<see cref="Count"/>.</param>
    public ReadOnlySpan<int> Key(int vertex) => _keys.AsSpan((vertex - 1) * _dimensions, _dimensions);

    public ulong Hash(int vertex) => _hashes[vertex - 1];

    public ulong HashOf(ReadOnlySpan<int> key)
    {
        ulong hash = 0;
        for (int i = 0; i < _dimensions; i++)
            hash += (ulong)key[i] * _factors[i];
        return hash;
    }

    /// <summary>The number of a vertex, or 0 if it has not been added. Safe on several threads while nothing is added.</summary>
    /// <param name="key">Its first d coordinates.</param>
    /// <param name="hash">Their hash.</param>
    public int Find(ReadOnlySpan<int> key, ulong hash)
    {
        (uint tag, int slot) = Place(hash);
        while (_slots[slot].Vertex != 0)
        {
            if (_slots[slot].Tag == tag && Key(_slots[slot].Vertex).SequenceEqual(key))
                return _slots[slot].Vertex;
            slot = (slot + 1) & (_slots.Length - 1);
        }
        return 0;
    }

    /// <summary>The number of a vertex, which is added if it is new.</summary>
    /// <inheritdoc cref="Find"/>
    public int Add(ReadOnlySpan<int> key, ulong hash)
    {
        int vertex = Find(key, hash);
        if (vertex != 0)
            return vertex;
        if (Count == _hashes.Length)
            Grow();
        key.CopyTo(_keys.AsSpan(Count * _dimensions));
        _hashes[Count] = hash;
        Insert(++Count, hash);
        return Count;
    }

    private void Insert(int vertex, ulong hash)
    {
        (uint tag, int slot) = Place(hash);
        while (_slots[slot].Vertex != 0)
            slot = (slot + 1) & (_slots.Length - 1);
        _slots[slot] = new(tag, vertex);
    }

    private (uint Tag, int Slot) Place(ulong hash)
    {
        ulong mixed = (hash ^ (hash >> 32)) * 0x9E3779B97F4A7C15;
        return ((uint)mixed, (int)(mixed >> _shift));
    }

    /// <summary>Doubles the table, of which at most half is used.</summary>
    private void Grow()
    {
        Array.Resize(ref _keys, checked(_keys.Length * 2));
        Array.Resize(ref _hashes, _hashes.Length * 2);
        _slots = new Slot[checked(_slots.Length * 2)];
        _shift--;
        for (int vertex = 1; vertex <= Count; vertex++)
            Insert(vertex, _hashes[vertex - 1]);
    }

    private readonly record struct Slot(uint Tag, int Vertex);
}
