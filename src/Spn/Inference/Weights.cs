using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Spn.Inference;

/// <summary>The tensors of a model by name, as float32, with a prefix that leads to a part of the model.</summary>
/// <param name="read">Reads a tensor by its full name.</param>
/// <param name="prefix">What the names of this part begin with, such as <c>guidance.</c>.</param>
internal sealed class Weights(Func<string, (float[] Values, IReadOnlyList<long> Shape)> read, string prefix = "")
{
    /// <summary>The weights of a part.</summary>
    public Weights Part(string name) => new(read, $"{prefix}{name}.");

    /// <summary>Reads a tensor.</summary>
    /// <param name="name">Its name within this part.</param>
    /// <param name="shape">The shape that it must have.</param>
    /// <exception cref="InvalidDataException">It has another shape.</exception>
    public float[] Read(string name, params long[] shape)
    {
        (float[] values, IReadOnlyList<long> stored) = read(prefix + name);
        return stored.SequenceEqual(shape)
            ? values
            : throw new InvalidDataException($"{prefix}{name} is [{string.Join(", ", stored)}], expected [{string.Join(", ", shape)}].");
    }
}

/// <summary>Floats that the garbage collector never moves, so that kernels can read them by address while their owner is alive.</summary>
internal sealed unsafe class PinnedFloats
{
    private readonly float[] _values;

    /// <param name="length">How many, all 0 at first.</param>
    public PinnedFloats(int length) => _values = GC.AllocateArray<float>(length, pinned: true);

    public float* Pointer => (float*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_values));

    public Span<float> Values => _values;
}
