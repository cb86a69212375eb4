using System.Globalization;

namespace Spn.Segmentation.Tests.References;

/// <summary>
/// The permutohedral lattice from the paper's definitions, slowly: vertices by name in a dictionary, each simplex by sorting, in double
/// precision.
/// </summary>
internal sealed class NaiveLattice
{
    private readonly int _dimensions;
    private readonly (string Vertex, double Weight)[][] _corners;
    private readonly Dictionary<string, int[]> _vertices = [];

    public NaiveLattice(float[] points, int dimensions)
    {
        _dimensions = dimensions;
        _corners = [.. points.Chunk(dimensions).Select(Corners)];
    }

    public double[] Filter(IReadOnlyList<double> values)
    {
        Dictionary<string, double> lattice = _vertices.Keys.ToDictionary(vertex => vertex, _ => 0.0);
        for (int i = 0; i < _corners.Length; i++)
            foreach ((string vertex, double weight) in _corners[i])
                lattice[vertex] += weight * values[i];
        for (int axis = 0; axis <= _dimensions; axis++)
        {
            Dictionary<string, double> before = lattice;
            lattice = _vertices.ToDictionary(
                vertex => vertex.Key,
                vertex => before[vertex.Key] + (Value(before, vertex.Value, axis, 1) + Value(before, vertex.Value, axis, -1)) / 2);
        }
        return [.. _corners.Select(corners => corners.Sum(corner => corner.Weight * lattice[corner.Vertex]))];
    }

    /// <summary>
    /// The point in the hyperplane: the coordinate i of the basis vector of the dimension j is 1 for i ≤ j, -(j + 1) for i = j + 1.
    /// </summary>
    public static double[] Elevate(IReadOnlyList<float> point)
    {
        int d = point.Count;
        double[] elevated = new double[d + 1];
        for (int j = 0; j < d; j++)
        {
            double scaled = point[j] * Math.Sqrt(2.0 / 3) * (d + 1) / Math.Sqrt((j + 1.0) * (j + 2));
            for (int i = 0; i <= j; i++)
                elevated[i] += scaled;
            elevated[j + 1] -= (j + 1) * scaled;
        }
        return elevated;
    }

    private (string, double)[] Corners(float[] point)
    {
        int d = _dimensions;
        double[] elevated = Elevate(point);
        int[] zero = [.. elevated.Select(value => (int)Math.Round(value / (d + 1)) * (d + 1))];
        int excess = zero.Sum() / (d + 1);
        int[] order = [.. Enumerable.Range(0, d + 1).OrderByDescending(i => elevated[i] - zero[i])];
        for (int i = 0; i < -excess; i++)
            zero[order[i]] += d + 1;
        for (int i = 0; i < excess; i++)
            zero[order[d - i]] -= d + 1;
        double[] above = [.. elevated.Select((value, i) => value - zero[i])];
        order = [.. Enumerable.Range(0, d + 1).OrderByDescending(i => above[i])];

        var corners = new (string, double)[d + 1];
        for (int k = 0; k <= d; k++)
        {
            int[] vertex = [.. zero];
            for (int rank = 0; rank <= d; rank++)
                vertex[order[rank]] += rank <= d - k ? k : k - (d + 1);
            double weight = k == 0
                ? 1 - (above[order[0]] - above[order[d]]) / (d + 1)
                : (above[order[d - k]] - above[order[d - k + 1]]) / (d + 1);
            corners[k] = (Name(vertex), weight);
            _vertices[Name(vertex)] = vertex;
        }
        return corners;
    }

    private double Value(Dictionary<string, double> lattice, int[] vertex, int axis, int direction)
        => lattice.GetValueOrDefault(Name([.. vertex.Select((value, i) => value + direction * (i == axis ? -_dimensions : 1))]));

    private static string Name(int[] vertex) => string.Join(' ', vertex.Select(value => value.ToString(CultureInfo.InvariantCulture)));
}
