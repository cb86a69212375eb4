using TorchSharp;

namespace Spn.Propagation;

/// <summary>The spatial propagation operator on tensors.</summary>
public static class SpatialPropagation
{
    /// <summary>
    /// Scans x in the chosen directions: h[i,t] = x[i,t] + Σk p_k[i,t] · (h[i+k, t-1] - x[i,t]), k ∈ {-1, 0, +1}, and merges the results.
    /// With an x gate λ: h = λ·x + Σk p_k h_k.
    /// </summary>
    /// <param name="x">The maps to propagate, <c>[N, C, H, W]</c>, float32 or float64, any strides.</param>
    /// <param name="guidance">Raw guidance <c>[N, D·K·G, H, W]</c>, read as <c>[N, D, K, G, H, W]</c>: D directions, K = 3 gates (1 for one-way), G groups, C divisible by G.</param>
    /// <param name="options">What to compute; <see langword="null"/> for the defaults.</param>
    /// <param name="xGate">The explicit x gate λ <c>[N, D·G, H, W]</c>, or <see langword="null"/> for 1 - Σp.</param>
    /// <returns><c>[N, C, H, W]</c>, or <c>[N, D, C, H, W]</c> with <see cref="DirectionMerge.None"/>.</returns>
    public static torch.Tensor Propagate(torch.Tensor x, torch.Tensor guidance, PropagationOptions? options = null, torch.Tensor? xGate = null)
        => throw new NotImplementedException();
}
