using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Spn.Training.Scenes;

/// <summary>
/// Fractal noise on a torus of 256 x 256 cells with mean 0 and a standard deviation of about 1, between the 1/f spectrum of photographs and
/// single frequency bands. It is built from coarse to fine: each level is the previous one, smoothly upsampled by 2, plus new random
/// values.
/// </summary>
internal sealed class NoiseField : IDisposable
{
    private const int Bits = 8;
    public const int Size = 1 << Bits;
    private readonly float[] _values = ArrayPool<float>.Shared.Rent(Size * Size);

    /// <param name="random">The source of the values.</param>
    /// <param name="roughness">
    /// The ratio of a level's amplitude to that of the next coarser one: 0.3 for smooth clouds, 0.5 as in photographs, 0.8 for gravel.
    /// </param>
    /// <param name="coarsest">
    /// Cells per side of the coarsest level, a power of two up to 128. No structure is larger than Size / coarsest.
    /// </param>
    public NoiseField(SeededRandom random, float roughness, int coarsest = 4)
    {
        float[] other = ArrayPool<float>.Shared.Rent(Size * Size);
        (float[] now, float[] next) = ((Bits - int.Log2(coarsest)) & 1) == 0 ? (_values, other) : (other, _values);
        uint state = (uint)random.Bits() | 1;
        float amplitude = 1, variance = 1 / 3f;
        AddRandom(now.AsSpan(0, coarsest * coarsest), 1, clear: true, ref state);
        for (int size = coarsest; size < Size; size *= 2)
        {
            Double(now, next, size);
            amplitude *= roughness;
            AddRandom(next.AsSpan(0, 4 * size * size), amplitude, clear: false, ref state);
            // Upsampling with [1 3 3 1]/4 keeps about half of the newest level's variance and most of the older levels'.
            variance = variance * 0.6f + amplitude * amplitude / 3;
            (now, next) = (next, now);
        }
        float scale = 1 / MathF.Sqrt(variance);
        foreach (ref float value in _values.AsSpan(0, Size * Size))
            value *= scale;
        ArrayPool<float>.Shared.Return(other);
    }

    /// <summary>The bilinearly interpolated value at a point of the torus.</summary>
    public float At(float x, float y)
    {
        const int Wrap = Size - 1;
        float column = MathF.Floor(x), row = MathF.Floor(y);
        (x, y) = (x - column, y - row);
        int left = (int)column & Wrap, top = ((int)row & Wrap) << Bits, right = (left + 1) & Wrap, below = (top + Size) & (Size * Size - 1);
        // Wrapped indices are always in range, so the inner loop of most textures needs no bounds checks.
        ref float values = ref MemoryMarshal.GetArrayDataReference(_values);
        float topLeft = Unsafe.Add(ref values, top + left), belowLeft = Unsafe.Add(ref values, below + left);
        float upper = topLeft + x * (Unsafe.Add(ref values, top + right) - topLeft);
        float lower = belowLeft + x * (Unsafe.Add(ref values, below + right) - belowLeft);
        return upper + y * (lower - upper);
    }

    /// <summary>The value of a cell; indices wrap around.</summary>
    public float Cell(int x, int y) => _values[((y & (Size - 1)) << Bits) + (x & (Size - 1))];

    public void Dispose() => ArrayPool<float>.Shared.Return(_values);

    private static void AddRandom(Span<float> values, float amplitude, bool clear, ref uint state)
    {
        float scale = amplitude / int.MaxValue;
        uint x = state;
        foreach (ref float value in values)
        {
            x ^= x << 13;
            x ^= x >> 17;
            x ^= x << 5;
            value = (clear ? 0 : value) + (int)x * scale;
        }
        state = x;
    }

    private static void Double(float[] from, float[] to, int size)
    {
        // Each cell becomes 2 x 2 cells, with weights of 3/4 and 1/4 for the cell and its neighbour along both axes.
        for (int y = 0; y < size; y++)
        {
            ReadOnlySpan<float> here = from.AsSpan(y * size, size);
            for (int side = 0; side < 2; side++)
            {
                int neighbour = (y + (side == 0 ? size - 1 : 1)) & (size - 1);
                ReadOnlySpan<float> beside = from.AsSpan(neighbour * size, size);
                Span<float> row = to.AsSpan((2 * y + side) * 2 * size, 2 * size);
                float previous = 0.75f * here[size - 1] + 0.25f * beside[size - 1];
                float first = 0.75f * here[0] + 0.25f * beside[0];
                float now = first;
                for (int x = 0; x < size; x++)
                {
                    float next = x + 1 < size ? 0.75f * here[x + 1] + 0.25f * beside[x + 1] : first;
                    row[2 * x] = 0.75f * now + 0.25f * previous;
                    row[2 * x + 1] = 0.75f * now + 0.25f * next;
                    (previous, now) = (now, next);
                }
            }
        }
    }
}
