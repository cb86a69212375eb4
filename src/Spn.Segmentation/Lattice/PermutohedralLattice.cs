namespace Spn.Segmentation.Lattice;

/// <summary>
/// A permutohedral lattice for points in d dimensions: which vertices each point is splatted to and sliced from, and the neighbours of each
/// vertex (Adams, Baek and Davis, "Fast High-Dimensional Filtering Using the Permutohedral Lattice", Eurographics 2010).
/// </summary>
/// <remarks>
/// Splatting, blurring along d + 1 axes and slicing approximate K·x for the Gaussian kernel K[i, j] = exp(-|p_i - p_j|² / 2) in time linear
/// in the number of points, up to a factor of about 1 + 2^-d. As in the paper, only vertices that a point touches exist; a missing
/// neighbour counts as 0.
/// </remarks>
internal sealed unsafe class PermutohedralLattice : IDisposable
{
    /// <summary>Twice this many coordinates of vertices still fit into one array.</summary>
    private const int MaxCoordinates = 1 << 30;

    private readonly PinnedArray<Entry> _corners;
    private PinnedArray<Entry>? _touching;
    private PinnedArray<int>? _starts;
    private PinnedArray<int>? _neighbors;

    /// <param name="points"><c>[N, d]</c>: point by point, in units of the Gaussian's standard deviation; finite.</param>
    /// <param name="dimensions">The number of dimensions d, 1 or more.</param>
    /// <param name="threads">The maximum number of threads, 1 or more. The lattice does not depend on it.</param>
    public PermutohedralLattice(ReadOnlySpan<float> points, int dimensions, int threads)
    {
        Dimensions = dimensions;
        Points = points.Length / dimensions;
        _corners = new(CornerCount);
        try
        {
            var table = new VertexTable(dimensions);
            Splat(points, table);
            Vertices = table.Count + 1;
            _touching = new(CornerCount);
            _starts = new(Vertices + 1L);
            Transpose();
            _neighbors = new(2L * (dimensions + 1) * Vertices);
            Ranges.Run(dimensions + 1, 1, threads, (axis, _) => Connect(table, axis));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The number of dimensions d.</summary>
    public int Dimensions { get; }

    /// <summary>The number of points N.</summary>
    public int Points { get; }

    /// <summary>The number of vertices, including vertex 0, which stands for every missing vertex and whose value is always 0.</summary>
    public int Vertices { get; }

    /// <summary>The d + 1 vertices around each point, and their barycentric weights: <c>[N, d + 1]</c>.</summary>
    public Entry* Corners => _corners.Pointer;

    /// <summary>The same pairs by vertex: the points around each vertex in order, from <see cref="Starts"/> of the vertex on.</summary>
    public Entry* Touching => _touching!.Pointer;

    /// <summary>Where the points of each vertex start in <see cref="Touching"/>: <c>[Vertices + 1]</c>.</summary>
    public int* Starts => _starts!.Pointer;

    private int CornerCount => Points * (Dimensions + 1);

    /// <summary>The maximum number of points in d dimensions.</summary>
    public static int MaxPoints(int dimensions) => MaxCoordinates / dimensions / (dimensions + 1);

    /// <summary>The two neighbours of each vertex along an axis: <c>[Vertices, 2]</c>.</summary>
    public int* Neighbors(int axis) => _neighbors!.Pointer + 2L * axis * Vertices;

    /// <summary>Multiplies every barycentric weight by a factor of its point, which then applies before and after the filter.</summary>
    /// <param name="factors"><c>[N]</c>.</param>
    /// <param name="threads">The maximum number of threads.</param>
    public void Scale(PinnedArray<float> factors, int threads)
    {
        int corners = Dimensions + 1;
        Ranges.Run(Points, 1 << 14, threads, (start, end) =>
        {
            for (int point = start; point < end; point++)
                for (int i = point * corners; i < (point + 1) * corners; i++)
                    Corners[i].Weight *= factors.Pointer[point];
        });
        Ranges.Run(CornerCount, 1 << 16, threads, (start, end) =>
        {
            for (int i = start; i < end; i++)
                Touching[i].Weight *= factors.Pointer[Touching[i].Index];
        });
    }

    public void Dispose()
    {
        _corners.Dispose();
        _touching?.Dispose();
        _starts?.Dispose();
        _neighbors?.Dispose();
    }

    /// <summary>Finds the corners of all points and adds them to the table. Points next to each other often share a simplex.</summary>
    private void Splat(ReadOnlySpan<float> points, VertexTable table)
    {
        int d = Dimensions;
        var simplex = new Simplex(d);
        int[] key = new int[d], lastRemainder0 = new int[d + 1], lastRank = new int[d + 1], vertices = new int[d + 1];
        for (int point = 0; point < Points; point++)
        {
            simplex.Enclose(points.Slice(point * d, d));
            if (point == 0 || !simplex.Remainder0.AsSpan().SequenceEqual(lastRemainder0) || !simplex.Rank.AsSpan().SequenceEqual(lastRank))
            {
                AddVertices(simplex, table, key, vertices);
                simplex.Remainder0.CopyTo(lastRemainder0, 0);
                simplex.Rank.CopyTo(lastRank, 0);
            }
            Entry* corners = Corners + (long)point * (d + 1);
            for (int k = 0; k <= d; k++)
                corners[k] = new(vertices[k], (float)simplex.Weights[k]);
        }
    }

    /// <summary>
    /// The vertex of remainder k is the one of remainder 0 plus k along each coordinate, minus d + 1 along the k coordinates of highest
    /// rank.
    /// </summary>
    private static void AddVertices(Simplex simplex, VertexTable table, int[] key, int[] vertices)
    {
        int d = key.Length;
        simplex.Remainder0.AsSpan(0, d).CopyTo(key);
        ulong hash = table.HashOf(key);
        vertices[0] = table.Add(key, hash);
        for (int k = 1; k <= d; k++)
        {
            int wrapped = simplex.AtRank[d - k + 1];
            for (int i = 0; i < d; i++)
                key[i]++;
            if (wrapped < d)
                key[wrapped] -= d + 1;
            hash += table.FactorSum - (ulong)(d + 1) * table.Factor(wrapped);
            vertices[k] = table.Add(key, hash);
        }
    }

    /// <summary>Sorts the corners by vertex, and by point within a vertex.</summary>
    private void Transpose()
    {
        int* starts = Starts;
        _starts!.Span.Clear();
        for (int i = 0; i < CornerCount; i++)
            starts[Corners[i].Index + 1]++;
        for (int vertex = 0; vertex < Vertices; vertex++)
            starts[vertex + 1] += starts[vertex];
        int corners = Dimensions + 1;
        for (int point = 0, i = 0; point < Points; point++)
            for (int end = i + corners; i < end; i++)
                Touching[starts[Corners[i].Index]++] = new(point, Corners[i].Weight);
        // Each start has moved to the next vertex's.
        for (int vertex = Vertices; vertex > 0; vertex--)
            starts[vertex] = starts[vertex - 1];
        starts[0] = 0;
    }

    /// <summary>Finds the neighbours along an axis: 1 further along each coordinate, and d + 1 back along the axis.</summary>
    private void Connect(VertexTable table, int axis)
    {
        int d = Dimensions;
        int* neighbors = Neighbors(axis);
        new Span<int>(neighbors, 2 * Vertices).Clear();
        Span<int> key = stackalloc int[d];
        ulong step = table.FactorSum - (ulong)(d + 1) * table.Factor(axis);
        for (int vertex = 1; vertex < Vertices; vertex++)
        {
            ReadOnlySpan<int> own = table.Key(vertex);
            for (int i = 0; i < d; i++)
                key[i] = own[i] + (i == axis ? -d : 1);
            int next = table.Find(key, table.Hash(vertex) + step);
            if (next == 0)
                continue;
            neighbors[2 * vertex + 1] = next;
            neighbors[2 * next] = vertex;
        }
    }

    /// <summary>A vertex of a point, or a point of a vertex, with the barycentric weight.</summary>
    internal struct Entry(int index, float weight)
    {
        public int Index = index;
        public float Weight = weight;
    }
}
