using TorchSharp;

namespace Spn.Torch;

/// <summary>The tensors that a round's forward pass saves for its backward pass.</summary>
internal sealed record ForwardState(
    torch.Tensor X, torch.Tensor Guidance, torch.Tensor? InputGate, torch.Tensor Hidden, torch.Tensor? Winners);
