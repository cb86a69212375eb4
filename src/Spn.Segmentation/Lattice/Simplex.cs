namespace Spn.Segmentation.Lattice;

/// <summary>
/// The simplex of the permutohedral lattice that encloses a point, and the point's barycentric coordinates in it (Adams, Baek and Davis,
/// "Fast High-Dimensional Filtering Using the Permutohedral Lattice", Eurographics 2010, section 3).
/// </summary>
/// <remarks>
/// The lattice lies in the hyperplane of d + 1 coordinates whose sum is 0. Its points have integer coordinates that are all equal modulo
/// d + 1. Each simplex has one vertex for every remainder k = 0..d.
/// </remarks>
internal sealed class Simplex
{
    private readonly int _dimensions;
    private readonly double[] _scale;
    private readonly double[] _elevated;

    /// <param name="dimensions">The number of dimensions d of a point, 1 or more.</param>
    public Simplex(int dimensions)
    {
        _dimensions = dimensions;
        _scale = new double[dimensions];
        _elevated = new double[dimensions + 1];
        Remainder0 = new int[dimensions + 1];
        Rank = new int[dimensions + 1];
        AtRank = new int[dimensions + 1];
        Weights = new double[dimensions + 2];
        // Splatting, blurring and slicing together have a variance of 2/3 · (d + 1)², which has to be 1 in units of the point.
        double deviation = Math.Sqrt(2.0 / 3) * (dimensions + 1);
        for (int i = 0; i < dimensions; i++)
            _scale[i] = deviation / Math.Sqrt((i + 1.0) * (i + 2));
    }

    /// <summary>The coordinates of the simplex's vertex of remainder 0.</summary>
    public int[] Remainder0 { get; }

    /// <summary>For every coordinate: how many coordinates are farther above <see cref="Remainder0"/>.</summary>
    public int[] Rank { get; }

    /// <summary>The inverse of <see cref="Rank"/>: the coordinate of each rank.</summary>
    public int[] AtRank { get; }

    /// <summary>The barycentric coordinates of the vertices of remainder 0..d, followed by one unused element. They sum to 1.</summary>
    public double[] Weights { get; }

    /// <summary>Finds the simplex of a point.</summary>
    /// <param name="point">d coordinates in units of the Gaussian's standard deviation.</param>
    public void Enclose(ReadOnlySpan<float> point)
    {
        int d = _dimensions;
        double sum = 0;
        for (int i = d; i > 0; i--)
        {
            double scaled = point[i - 1] * _scale[i - 1];
            _elevated[i] = sum - i * scaled;
            sum += scaled;
        }
        _elevated[0] = sum;

        int excess = 0;
        for (int i = 0; i <= d; i++)
        {
            int nearest = (int)Math.Round(_elevated[i] / (d + 1));
            Remainder0[i] = nearest * (d + 1);
            excess += nearest;
        }
        RankCoordinates();
        MoveIntoHyperplane(excess);

        Array.Clear(Weights);
        for (int i = 0; i <= d; i++)
        {
            double above = (_elevated[i] - Remainder0[i]) / (d + 1);
            Weights[d - Rank[i]] += above;
            Weights[d - Rank[i] + 1] -= above;
            AtRank[Rank[i]] = i;
        }
        Weights[0] += 1 + Weights[d + 1];
    }

    private void RankCoordinates()
    {
        Array.Clear(Rank);
        for (int i = 0; i < _dimensions; i++)
        {
            double above = _elevated[i] - Remainder0[i];
            for (int j = i + 1; j <= _dimensions; j++)
                Rank[above < _elevated[j] - Remainder0[j] ? i : j]++;
        }
    }

    /// <summary>
    /// Rounding each coordinate by itself may leave the hyperplane: the coordinates with the largest error are rounded the other way.
    /// </summary>
    private void MoveIntoHyperplane(int excess)
    {
        int step = _dimensions + 1;
        for (int i = 0; excess != 0 && i <= _dimensions; i++)
        {
            Rank[i] += excess;
            if (Rank[i] < 0)
            {
                Rank[i] += step;
                Remainder0[i] += step;
            }
            else if (Rank[i] > _dimensions)
            {
                Rank[i] -= step;
                Remainder0[i] -= step;
            }
        }
    }
}
