namespace Spn.Evaluation.Coarse;

/// <summary>
/// A random number generator (SplitMix64) seeded with a text (FNV-1a), with the same results on every platform and runtime.
/// </summary>
internal sealed class SeededRandom
{
    private ulong _state = 14695981039346656037;

    public SeededRandom(string seed)
    {
        foreach (char c in seed)
            _state = (_state ^ c) * 1099511628211;
    }

    /// <summary>Uniform in [0, 1).</summary>
    public double Next()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1L << 53));
    }

    /// <summary>Uniform in [low, high).</summary>
    public double Between(double low, double high) => low + (high - low) * Next();

    /// <summary>Uniform in 0..count - 1.</summary>
    public int Below(int count) => (int)(Next() * count);
}
