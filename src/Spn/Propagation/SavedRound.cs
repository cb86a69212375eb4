using TorchSharp;

namespace Spn.Propagation;

/// <summary>What the backward pass of a round needs of its forward pass.</summary>
internal sealed record SavedRound(torch.Tensor X, torch.Tensor Guidance, torch.Tensor? XGate, torch.Tensor Hidden, torch.Tensor? Winners);
