namespace Spn.Weights;

/// <summary>The header entry of one tensor in a safetensors file.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Dtype">The element type as named by the format, such as <c>F32</c>, <c>BF16</c> or <c>I64</c>.</param>
/// <param name="Shape">The dimensions, outermost first; empty for a scalar. A dimension may be 0.</param>
/// <param name="Begin">The offset of the data in bytes, relative to the end of the header.</param>
/// <param name="Length">The length of the data in bytes. The data is little-endian, row-major and contiguous.</param>
public sealed record SafetensorsEntry(string Name, string Dtype, IReadOnlyList<long> Shape, long Begin, long Length);
