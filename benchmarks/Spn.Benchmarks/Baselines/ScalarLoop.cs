namespace Spn.Benchmarks.Baselines;

/// <summary>
/// The same recurrence as a plain scalar C# loop on one thread. Several steps are done in advance in its favour: the gates are normalised,
/// the inputs of every direction are stored line by line in scan order, so that no access is strided, and the gates at the border are zero.
/// Pointers avoid bounds checks.
/// </summary>
internal sealed unsafe class ScalarLoop
{
    private readonly PropagationProblem _problem;
    private readonly float[][] _gates = new float[4][]; // direction: [3, G, T, L]
    private readonly float[][] _x = new float[4][]; // direction: [C, T, L]
    private readonly float[] _h;

    public ScalarLoop(PropagationProblem problem)
    {
        _problem = problem;
        int plane = problem.Size * problem.Size;
        for (int d = 0; d < 4; d++)
        {
            _x[d] = new float[problem.X.Length];
            for (int i = 0; i < problem.X.Length; i++)
                _x[d][i / plane * plane + problem.LineIndex(d, i % plane)] = problem.X[i];
            int gates = 3 * problem.Groups * plane;
            _gates[d] = new float[gates];
            for (int i = 0; i < gates; i++)
            {
                int at = problem.LineIndex(d, i % plane);
                int k = i / plane / problem.Groups;
                (int t, int line) = Math.DivRem(at, problem.Size);
                bool outside = t == 0 || (k == 0 && line == 0) || (k == 2 && line == problem.Size - 1);
                _gates[d][i / plane * plane + at] = outside ? 0 : problem.Gates[(long)d * gates + i];
            }
        }

        // One line of padding on both sides, so that neighbours beyond the border can be read and multiplied by zero.
        _h = new float[plane + 2 * problem.Size];
        Output = new float[problem.X.Length];
    }

    /// <summary>The maximum over the directions, in the pixel order of the first direction's lines.</summary>
    public float[] Output { get; }

    public void Run()
    {
        int size = _problem.Size;
        int plane = size * size;
        for (int c = 0; c < _problem.Channels; c++)
        {
            int group = c * _problem.Groups / _problem.Channels;
            for (int d = 0; d < 4; d++)
            {
                fixed (float* x = &_x[d][c * plane], p = &_gates[d][group * plane], buffer = _h, output = &Output[c * plane])
                {
                    nint nextGate = _problem.Groups * plane;
                    float* h = buffer + size;
                    for (int i = 0; i < plane; i++)
                    {
                        float* before = h + i - size;
                        float own = x[i];
                        h[i] =
                            own + p[i] * (before[-1] - own) + p[nextGate + i] * (before[0] - own) + p[2 * nextGate + i] * (before[1] - own);
                    }

                    Merge(h, output, size, d);
                }
            }
        }
    }

    private static void Merge(float* h, float* output, int size, int d)
    {
        for (int t = 0; t < size; t++)
        {
            int line = d % 2 == 1 ? size - 1 - t : t;
            for (int i = 0; i < size; i++)
            {
                // Columns stay transposed for the merge with other columns; rows are converted to that layout.
                int at = d < 2 ? line * size + i : i * size + line;
                float value = h[t * size + i];
                output[at] = d == 0 ? value : Math.Max(output[at], value);
            }
        }
    }
}
