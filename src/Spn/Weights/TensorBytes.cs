using TorchSharp;

namespace Spn.Weights;

/// <summary>A tensor's memory in pieces that fit a span, so that tensors beyond 2 GB are read and written too.</summary>
internal static class TensorBytes
{
    private const long ChunkElements = 1 << 24;

    public delegate void Visit(long byteOffset, Span<byte> bytes);

    /// <summary>Shows every byte of a contiguous CPU tensor, first to last.</summary>
    public static void ForEachChunk(torch.Tensor tensor, Visit visit)
    {
        using torch.Tensor flat = tensor.view(-1);
        long elements = flat.shape[0];
        for (long start = 0; start < elements; start += ChunkElements)
        {
            using torch.Tensor chunk = flat.narrow(0, start, Math.Min(ChunkElements, elements - start));
            visit(start * tensor.element_size(), chunk.bytes);
        }
    }
}
