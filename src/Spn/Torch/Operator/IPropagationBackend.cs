using TorchSharp;

namespace Spn.Torch;

/// <summary>Computes rounds of the propagation, on the CPU or on a CUDA device.</summary>
internal interface IPropagationBackend
{
    /// <summary>
    /// Converts a tensor to the device, element type and strides that this backend can read. The operations are differentiable, so
    /// gradients reach the original tensor.
    /// </summary>
    torch.Tensor Prepare(torch.Tensor tensor);

    /// <summary>
    /// The number of rounds that one call of <see cref="Forward"/> can compute if it stores nothing for the backward pass.
    /// </summary>
    int MaxRounds(PropagationCall call, torch.Tensor x);

    /// <summary>
    /// Computes x → output. If <paramref name="hidden"/> is given (and <paramref name="winners"/> for a maximum), also stores what the
    /// backward pass needs.
    /// </summary>
    /// <param name="call">The call to which the round belongs.</param>
    /// <param name="x">The prepared maps <c>[N, C, H, W]</c>.</param>
    /// <param name="guidance">The prepared raw guidance <c>[N, D·K·G, H, W]</c>.</param>
    /// <param name="inputGate">The prepared input gate λ <c>[N, D·G, H, W]</c>, or null.</param>
    /// <param name="output">The merged map <c>[N, C, H, W]</c>, contiguous; null without a merge.</param>
    /// <param name="hidden">
    /// The map of every direction <c>[N, D, C, H, W]</c>, contiguous: the result if there is no merge, or the maps that are saved for the backward
    /// pass; otherwise null.
    /// </param>
    /// <param name="winners">The index of the direction with the maximum, bytes <c>[N, C, H, W]</c>; null if it is not needed.</param>
    /// <param name="rounds">Number of rounds: 1, or at most <see cref="MaxRounds"/> without <paramref name="hidden"/>.</param>
    void Forward(
        PropagationCall call, torch.Tensor x, torch.Tensor guidance, torch.Tensor? inputGate, torch.Tensor? output, torch.Tensor? hidden,
        torch.Tensor? winners, int rounds = 1);

    /// <summary>Computes ∂L/∂output → ∂L/∂x, ∂L/∂guidance, ∂L/∂λ.</summary>
    /// <param name="call">The call to which the round belongs.</param>
    /// <param name="state">The tensors that the forward pass saved.</param>
    /// <param name="gradOutput">∂L/∂output: of the output's shape and x's element type, with any strides.</param>
    /// <param name="gradX">Receives ∂L/∂x; contiguous.</param>
    /// <param name="gradGuidance">Receives ∂L/∂guidance; contiguous.</param>
    /// <param name="gradInputGate">Receives ∂L/∂λ; contiguous, or null without λ.</param>
    void Backward(
        PropagationCall call, ForwardState state, torch.Tensor gradOutput, torch.Tensor gradX, torch.Tensor gradGuidance,
        torch.Tensor? gradInputGate);
}
