using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Training.Optimization;

/// <summary>A model's tensors as one vector: an optimiser's step is then a few operations on it, however many tensors there are.</summary>
/// <param name="tensors">Float32 tensors on one device; they stay the caller's.</param>
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

    /// <summary>A copy of all, <c>[L]</c>.</summary>
    public Tensor Gather() => Gather(tensors);

    /// <summary>Tensors of the same shapes, such as gradients, <c>[L]</c>.</summary>
    public static Tensor Gather(IEnumerable<Tensor> tensors)
    {
        using DisposeScope scope = NewDisposeScope();
        return cat([.. tensors.Select(t => t.detach().reshape(-1))], 0).MoveToOuterDisposeScope();
    }

    /// <summary>Writes a vector back.</summary>
    public void Scatter(Tensor vector)
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor[] parts = vector.split(_lengths);
        for (int i = 0; i < parts.Length; i++)
            tensors[i].copy_(parts[i].view(_shapes[i]));
    }

    /// <summary>1 for the elements of some tensors, 0 for the others, <c>[L]</c>.</summary>
    public Tensor Select(Func<Tensor, bool> chosen)
    {
        using DisposeScope scope = NewDisposeScope();
        return Gather(tensors.Select(t => chosen(t) ? ones_like(t) : zeros_like(t))).MoveToOuterDisposeScope();
    }
}
