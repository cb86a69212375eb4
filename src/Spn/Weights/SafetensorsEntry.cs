namespace Spn.Weights;

/// <summary>One tensor of a safetensors file, as its header describes it.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Dtype">The element type as the format writes it: <c>F32</c>, <c>BF16</c>, <c>I64</c> …</param>
/// <param name="Shape">The dimensions, outermost first; empty for a scalar. A dimension may be 0.</param>
/// <param name="Begin">Where the data begins, in bytes from the end of the header.</param>
/// <param name="Length">How many bytes of data there are: little-endian, row-major, without gaps.</param>
public sealed record SafetensorsEntry(string Name, string Dtype, IReadOnlyList<long> Shape, long Begin, long Length);
