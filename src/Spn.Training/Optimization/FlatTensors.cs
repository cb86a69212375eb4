using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Training.Optimization;

/// <summary>
/// Treats a model's tensors as one vector, so that an optimizer step takes only a few operations, however many tensors there are.
/// </summary>
/// <param name="tensors">Float32 tensors on one device. The caller keeps ownership.</param>
internal sealed class FlatTensors(IReadOnlyList<Tensor> tensors)
{
    private readonly long[][] _shapes = [.. tensors.Select(t => t.shape)];
    private readonly long[] _lengths = [.. tensors.Select(t => t.numel())];

    /// <summary>A float32 tensor's values in order, from any device.</summary>
    public static float[] Values(Tensor tensor)
    {
        using Tensor local = tensor.cpu(), dense = local.contiguous();
        float[] values = new float[dense.numel()];
        dense.bytes.CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
        GC.KeepAlive(dense);
        return values;
    }

    /// <summary>A copy of all tensors, <c>[L]</c>.</summary>
    public Tensor Gather() => Gather(tensors);

    /// <summary>Concatenates tensors such as gradients, <c>[L]</c>.</summary>
    public static Tensor Gather(IEnumerable<Tensor> tensors)
    {
        using DisposeScope scope = NewDisposeScope();
        return cat([.. tensors.Select(t => t.detach().reshape(-1))], 0).MoveToOuterDisposeScope();
    }

    /// <summary>Copies a vector back to the tensors.</summary>
    public void Scatter(Tensor vector)
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor[] parts = vector.split(_lengths);
        for (int i = 0; i < parts.Length; i++)
            tensors[i].copy_(parts[i].view(_shapes[i]));
    }

    /// <summary>A vector with 1 for the elements of the selected tensors and 0 for the others, <c>[L]</c>.</summary>
    public Tensor Select(Func<Tensor, bool> chosen)
    {
        using DisposeScope scope = NewDisposeScope();
        return Gather(tensors.Select(t => chosen(t) ? ones_like(t) : zeros_like(t))).MoveToOuterDisposeScope();
    }
}
