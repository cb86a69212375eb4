using Spn.Propagation;
using Spn.Propagation.Cuda.Driver;
using TorchSharp;

namespace Spn.Torch;

/// <summary>
/// The spatial propagation operator (Liu et al., "Learning Affinity via Spatial Propagation Networks", NIPS 2017) on tensors: a linear
/// recurrence over rows or columns in up to four directions, whose three gates per pixel come from guidance. It is differentiable once,
/// with respect to x, guidance and the input gate.
/// </summary>
/// <remarks>
/// Thread-safe. Inputs are not modified and may have any strides. The result is contiguous and on x's device. If x or guidance is NaN at a
/// pixel, every scan that passes through that pixel becomes NaN; after a maximum, it is undefined which of these pixels are NaN.
/// Tensors on a CUDA device are computed there, on libtorch's current stream, by kernels that are compiled on first use. If that is not
/// possible (no NVRTC, or an old driver; see <see cref="Diagnostics.SpnEnvironment.Backend"/> for the reason), they are copied to the CPU
/// and back.
/// </remarks>
public static class SpatialPropagation
{
    private static readonly PropagationOptions s_defaults = new();

    /// <summary>
    /// Scans x in the selected directions, h[i,t] = x[i,t] + Σk p_k[i,t] · (h[i+k, t-1] - x[i,t]) with k ∈ {-1, 0, +1}, and merges the
    /// results. With an input gate λ, h = λ·x + Σk p_k h_k (GSPN). The gates p are the normalised guidance. A gate that points outside the
    /// image is removed before normalisation, so h = x on the first line of a scan, and a constant map stays exactly constant.
    /// </summary>
    /// <param name="x">
    /// The maps to propagate, <c>[N, C, H, W]</c>, every size at least 1; float32, float64, float16 or bfloat16. 16-bit maps are computed
    /// in float32.
    /// </param>
    /// <param name="guidance">
    /// Raw guidance <c>[N, D·K·G, H, W]</c>, read as <c>[N, D, K, G, H, W]</c>, of x's type and on x's device: D directions in the order of
    /// <see cref="ScanDirections"/>; K = 3 gates, with k increasing with the row or column index (K = 1 for one-way); G groups of gates,
    /// where G divides C. G = C gives each channel its own gates; G = 1 shares them between all channels.
    /// </param>
    /// <param name="options">The options; <see langword="null"/> uses the defaults.</param>
    /// <param name="inputGate">
    /// The explicit input gate λ <c>[N, D·G, H, W]</c>, of x's type and on x's device; <see langword="null"/> (default) uses 1 - Σp.
    /// </param>
    /// <returns>
    /// <c>[N, C, H, W]</c>, or <c>[N, D, C, H, W]</c> with <see cref="DirectionMerge.None"/>, of x's type and on x's device. The caller
    /// owns it.
    /// </returns>
    /// <exception cref="ArgumentNullException">x or guidance is null.</exception>
    /// <exception cref="ArgumentException">
    /// A tensor has the wrong type, device, layout or shape, an option is out of range, or two options do not fit together.
    /// </exception>
    /// <exception cref="ObjectDisposedException">A tensor has been disposed.</exception>
    /// <exception cref="CudaException">On a CUDA device, a kernel does not compile or the driver reports an error.</exception>
    /// <exception cref="DllNotFoundException">TorchSharp's native libraries are missing; the message names the package to add.</exception>
    public static torch.Tensor Propagate(
        torch.Tensor x, torch.Tensor guidance, PropagationOptions? options = null, torch.Tensor? inputGate = null)
        => Propagate(x, guidance, options ?? s_defaults, inputGate, backend: null);

    /// <param name="x">As above.</param>
    /// <param name="guidance">As above.</param>
    /// <param name="options">As above.</param>
    /// <param name="inputGate">As above.</param>
    /// <param name="backend">The backend to use; <see langword="null"/> leaves the choice to <see cref="BackendChoice"/>.</param>
    internal static torch.Tensor Propagate(
        torch.Tensor x, torch.Tensor guidance, PropagationOptions options, torch.Tensor? inputGate, IPropagationBackend? backend)
    {
        PropagationShape shape = PropagationCheck.Shape(x, guidance, inputGate, options);
        backend ??= BackendChoice.For(x.device_type, x.device_index, x.dtype, options, CudaDevices.Shared);
        var call = new PropagationCall(shape, options.Normalization, options.Merge, inputGate is not null, backend);

        using var scope = torch.NewDisposeScope();
        torch.Tensor gates = backend.Prepare(guidance);
        torch.Tensor? inputGates = inputGate is null ? null : backend.Prepare(inputGate);
        torch.Tensor result = backend.Prepare(x);
        bool differentiable = torch.is_grad_enabled()
            && (x.requires_grad || guidance.requires_grad || inputGate is { requires_grad: true });
        int together = differentiable ? 1 : backend.MaxRounds(call, result);
        for (int left = options.Rounds; left > 0; left -= together)
        {
            result = differentiable
                ? PropagationFunction.apply(result, gates, inputGates!, call)
                : Rounds(call, result, gates, inputGates, Math.Min(left, together));
        }

        return result.to(x.dtype, x.device).MoveToOuterDisposeScope();
    }

    private static torch.Tensor Rounds(PropagationCall call, torch.Tensor x, torch.Tensor guidance, torch.Tensor? inputGate, int rounds)
    {
        torch.Tensor output = torch.empty(call.OutputShape, x.dtype, x.device);
        bool merged = call.Merge != DirectionMerge.None;
        call.Backend.Forward(call, x, guidance, inputGate, merged ? output : null, merged ? null : output, winners: null, rounds);
        return output;
    }
}
