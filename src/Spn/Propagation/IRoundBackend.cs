using TorchSharp;

namespace Spn.Propagation;

/// <summary>What computes a round: the CPU's kernels or a CUDA device's.</summary>
internal interface IRoundBackend
{
    /// <summary>The tensor as this backend reads it: on its device, of a type and strides that it knows. By differentiable operations, so gradients find their way back.</summary>
    torch.Tensor Take(torch.Tensor tensor);

    /// <summary>x → output; with <paramref name="hidden"/> (and <paramref name="winners"/> for max) also what the backward pass needs.</summary>
    /// <param name="call">The call that the round belongs to.</param>
    /// <param name="x">The maps, taken.</param>
    /// <param name="guidance">The raw guidance, taken.</param>
    /// <param name="xGate">λ, taken, or null.</param>
    /// <param name="output">The merged map <c>[N, C, H, W]</c>, contiguous; null without a merge.</param>
    /// <param name="hidden">Every direction's map <c>[N, D, C, H, W]</c>, contiguous: the result without a merge, or kept for the backward pass; else null.</param>
    /// <param name="winners">The direction that won the maximum, bytes <c>[N, C, H, W]</c>; null where nobody asks.</param>
    void Forward(
        PropagationCall call, torch.Tensor x, torch.Tensor guidance, torch.Tensor? xGate, torch.Tensor? output, torch.Tensor? hidden, torch.Tensor? winners);

    /// <summary>∂L/∂output → ∂L/∂x, ∂L/∂guidance, ∂L/∂λ.</summary>
    /// <param name="call">The call that the round belongs to.</param>
    /// <param name="saved">What the forward pass left.</param>
    /// <param name="gradOutput">As the output, of x's type, any strides.</param>
    /// <param name="gradX">Contiguous.</param>
    /// <param name="gradGuidance">Contiguous.</param>
    /// <param name="gradXGate">Contiguous; null without λ.</param>
    void Backward(
        PropagationCall call, SavedRound saved, torch.Tensor gradOutput, torch.Tensor gradX, torch.Tensor gradGuidance, torch.Tensor? gradXGate);
}
