using System.Numerics;

namespace Spn.Training;

/// <summary>
/// A random number generator (SplitMix64) with the same results on every platform and runtime. Each part of a scene or a sample draws from
/// its own <see cref="Fork"/>, so that it does not depend on what the other parts draw. Not thread-safe.
/// </summary>
internal sealed class SeededRandom(ulong seed)
{
    private const ulong Step = 0x9E3779B97F4A7C15;
    private readonly ulong _seed = seed;
    private ulong _state = seed;

    /// <summary>Combines two numbers, such as a seed and an image number, to one seed.</summary>
    public SeededRandom(ulong seed, ulong number) : this(Mix(seed + Step) ^ Mix(number * Step + 1))
    {
    }

    /// <summary>A new generator for a named purpose. It depends on this generator's seed, not on the numbers drawn so far.</summary>
    public SeededRandom Fork(string name)
    {
        ulong hash = 14695981039346656037; // FNV-1a
        foreach (char c in name)
            hash = (hash ^ c) * 1099511628211;
        return new(Mix(_seed ^ Mix(hash)));
    }

    /// <summary>64 random bits.</summary>
    public ulong Bits() => Mix(_state += Step);

    /// <summary>Uniform in [0, 1).</summary>
    public float Next() => (Bits() >> 40) * (1f / (1 << 24));

    /// <summary>Uniform in [low, high).</summary>
    public float Between(float low, float high) => low + (high - low) * Next();

    /// <summary>Log-uniform between two positive numbers.</summary>
    public float LogBetween(float low, float high) => low * MathF.Pow(high / low, Next());

    /// <summary>Uniform in 0..count - 1.</summary>
    public int Below(int count) => (int)(((Bits() >> 32) * (ulong)count) >> 32);

    /// <summary>Uniform in low..high, inclusive.</summary>
    public int Count(int low, int high) => low + Below(high - low + 1);

    /// <summary>True with the given probability.</summary>
    public bool Chance(double probability) => Next() < probability;

    /// <summary>-1 or 1.</summary>
    public float Sign() => (Bits() >> 63) == 0 ? -1 : 1;

    /// <summary>Approximately normal with mean 0 and standard deviation 1 (a sum of four uniform numbers).</summary>
    public float Normal()
    {
        ulong bits = Bits();
        int sum = (int)(bits & 0xFFFF) + (int)((bits >> 16) & 0xFFFF) + (int)((bits >> 32) & 0xFFFF) + (int)(bits >> 48);
        return (sum - 131070) * (1.7320508f / 65536);
    }

    /// <summary>A random unit vector.</summary>
    public Vector2 Direction() => Angle(Between(0, MathF.Tau));

    /// <summary>The unit vector at an angle, in radians from x to y.</summary>
    public static Vector2 Angle(float angle) => new(MathF.Cos(angle), MathF.Sin(angle));

    /// <summary>One of several values with equal probability.</summary>
    public T Of<T>(params ReadOnlySpan<T> choices) => choices[Below(choices.Length)];

    /// <summary>An index drawn by weight.</summary>
    public int Weighted(ReadOnlySpan<float> weights)
    {
        float sum = 0;
        foreach (float weight in weights)
            sum += weight;
        float at = Next() * sum;
        int last = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            if (weights[i] <= 0)
                continue;
            last = i;
            if ((at -= weights[i]) < 0)
                break;
        }
        return last;
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
