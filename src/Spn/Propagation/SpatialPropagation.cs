using Spn.Propagation.Cuda.Driver;
using TorchSharp;

namespace Spn.Propagation;

/// <summary>
/// The spatial propagation operator (Liu et al., "Learning Affinity via Spatial Propagation Networks", NIPS 2017) on tensors: a linear
/// recurrence over rows or columns whose three gates a pixel come from guidance, in up to four directions. Differentiable once in x,
/// guidance and the x gate.
/// </summary>
/// <remarks>
/// Thread-safe. Inputs are only read and may have any strides; the result is contiguous and on x's device. Where x or guidance is NaN,
/// so is every scan that passes there; which of such pixels show after a maximum is not defined.
/// Tensors of a CUDA device are computed there, on libtorch's current stream, by kernels that are compiled when first used; where that cannot be (no NVRTC, an
/// old driver: <see cref="Diagnostics.SpnEnvironment.Backend"/> says why) they move to the CPU and back.
/// </remarks>
public static class SpatialPropagation
{
    private static readonly PropagationOptions s_defaults = new();

    /// <summary>
    /// Scans x in the chosen directions: h[i,t] = x[i,t] + Σk p_k[i,t] · (h[i+k, t-1] - x[i,t]), k ∈ {-1, 0, +1}, and merges the results.
    /// With an x gate λ: h = λ·x + Σk p_k h_k (GSPN). The gates p are the normalised guidance; one that points outside the image is
    /// removed before normalisation, so h = x on a scan's first line and a constant map stays constant to the bit.
    /// </summary>
    /// <param name="x">
    /// The maps to propagate, <c>[N, C, H, W]</c>, every size at least 1; float32, float64, float16 or bfloat16. 16-bit maps are computed in float32.
    /// </param>
    /// <param name="guidance">
    /// Raw guidance <c>[N, D·K·G, H, W]</c>, read as <c>[N, D, K, G, H, W]</c>: D directions in the order of <see cref="ScanDirections"/>,
    /// K = 3 gates with k rising with the row or column index (1 for one-way), G groups of gates, C divisible by G: G = C gives each
    /// channel its own gates, G = 1 shares them.
    /// </param>
    /// <param name="options">What to compute; <see langword="null"/> for the defaults.</param>
    /// <param name="xGate">The explicit x gate λ <c>[N, D·G, H, W]</c>, or <see langword="null"/> for 1 - Σp.</param>
    /// <returns><c>[N, C, H, W]</c>, or <c>[N, D, C, H, W]</c> with <see cref="DirectionMerge.None"/>, on x's device and of its type.</returns>
    /// <exception cref="ArgumentException">A tensor has the wrong type, device or shape, or an option is out of range or does not fit another.</exception>
    /// <exception cref="ObjectDisposedException">A tensor is disposed.</exception>
    /// <exception cref="CudaException">On a CUDA device: a kernel does not compile, or the driver refuses it.</exception>
    /// <exception cref="DllNotFoundException">TorchSharp's native libraries are missing; the message names the package to add.</exception>
    public static torch.Tensor Propagate(torch.Tensor x, torch.Tensor guidance, PropagationOptions? options = null, torch.Tensor? xGate = null)
        => Propagate(x, guidance, options ?? s_defaults, xGate, backend: null);

    /// <param name="x">As above.</param>
    /// <param name="guidance">As above.</param>
    /// <param name="options">As above.</param>
    /// <param name="xGate">As above.</param>
    /// <param name="backend">What computes; <see langword="null"/> leaves that to <see cref="BackendChoice"/>.</param>
    internal static torch.Tensor Propagate(torch.Tensor x, torch.Tensor guidance, PropagationOptions options, torch.Tensor? xGate, IRoundBackend? backend)
    {
        PropagationShape shape = PropagationCheck.Shape(x, guidance, xGate, options);
        backend ??= BackendChoice.For(x.device_type, x.device_index, x.dtype, options, CudaDevices.Shared);
        var call = new PropagationCall(shape, options.Normalization, options.Merge, xGate is not null, backend);

        using var scope = torch.NewDisposeScope();
        torch.Tensor gates = backend.Take(guidance);
        torch.Tensor? xGates = xGate is null ? null : backend.Take(xGate);
        torch.Tensor result = backend.Take(x);
        for (int round = 0; round < options.Rounds; round++)
            result = Round(call, result, gates, xGates);
        return result.to(x.dtype, x.device).MoveToOuterDisposeScope();
    }

    private static torch.Tensor Round(PropagationCall call, torch.Tensor x, torch.Tensor guidance, torch.Tensor? xGate)
    {
        bool differentiable = torch.is_grad_enabled() && (x.requires_grad || guidance.requires_grad || xGate is { requires_grad: true });
        if (differentiable)
            return PropagationFunction.apply(x, guidance, xGate!, call);
        torch.Tensor output = torch.empty(call.OutputShape, x.dtype, x.device);
        bool merged = call.Merge != DirectionMerge.None;
        call.Backend.Forward(call, x, guidance, xGate, merged ? output : null, merged ? null : output, winners: null);
        return output;
    }
}
