namespace Spn.Benchmarks;

/// <summary>One benchmark case: a square map, four directions, and normalised gates (Σ|p| &lt; 1).</summary>
internal sealed class PropagationProblem
{
    public PropagationProblem(int channels, int size, bool sharedGates)
    {
        (Channels, Size, Groups) = (channels, size, sharedGates ? 1 : channels);
        var random = new Random(1);
        X = Fill(channels * size * size, () => random.NextSingle());
        Gates = Fill(12 * Groups * size * size, () => random.NextSingle() * 0.33f);
    }

    public int Channels { get; }

    public int Size { get; }

    public int Groups { get; }

    /// <summary>[C, H, W].</summary>
    public float[] X { get; }

    /// <summary>[4, 3, G, H, W].</summary>
    public float[] Gates { get; }

    /// <summary>
    /// The minimum number of bytes to transfer: five values per element and direction with separate gates; two, and the gates once, with
    /// shared gates.
    /// </summary>
    public double ForwardBytes => 4.0 * (Groups == Channels ? 20.0 * X.Length : 8.0 * X.Length + Gates.Length);

    /// <summary>The position of a pixel if the lines of direction d are stored in scan order.</summary>
    public int LineIndex(int d, int pixel)
    {
        (int row, int column) = Math.DivRem(pixel, Size);
        (int line, int at) = d < 2 ? (column, row) : (row, column);
        return (d % 2 == 1 ? Size - 1 - line : line) * Size + at;
    }

    private static float[] Fill(int count, Func<float> next)
    {
        var values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = next();
        return values;
    }
}
