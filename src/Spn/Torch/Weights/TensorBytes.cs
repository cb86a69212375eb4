using TorchSharp;

namespace Spn.Torch;

/// <summary>Accesses a tensor's memory in chunks that fit a span, so that tensors beyond 2 GB can be read and written.</summary>
internal static class TensorBytes
{
    private const long ChunkElements = 1 << 24;

    public delegate void Visit(long byteOffset, Span<byte> bytes);

    /// <summary>Passes all bytes of a contiguous CPU tensor to the visitor, chunk by chunk in order.</summary>
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
