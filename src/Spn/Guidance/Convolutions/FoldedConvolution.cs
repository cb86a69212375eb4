using Spn.Native;
using Spn.Propagation.Cpu;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Spn.Guidance.Convolutions;

/// <summary>
/// For inference, a convolution and the batch normalisation after it as one convolution with a bias:
/// (w·x - μ) · γ / √(σ² + ε) + β = (s·w)·x + (β - s·μ) with s = γ / √(σ² + ε). A copy of the weights as they are now.
/// </summary>
internal sealed class FoldedConvolution : IDisposable
{
    private readonly Tensor _weight;
    private readonly Tensor _bias;
    private readonly Tensor? _winogradWeight, _winogradBias;
    private readonly bool _channelsLast;

    /// <param name="conv">A convolution without a bias.</param>
    /// <param name="norm">What follows it.</param>
    /// <param name="epsilon">ε, which the norm adds to a variance.</param>
    /// <param name="channelsLast">
    /// Whether maps come out with a pixel's channels side by side. libtorch's CPU convolutions then need no other layout in between: up to a third
    /// faster, where nothing before or after wants planes.
    /// </param>
    /// <param name="reduced">Whether the maps are bfloat16; else they are of the weights' type.</param>
    public FoldedConvolution(Conv2d conv, BatchNorm2d norm, double epsilon, bool channelsLast, bool reduced)
    {
        _channelsLast = channelsLast;
        using var noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using Scalar addend = epsilon.ToScalar();
        Tensor variance = norm.running_var!, room = full_like(variance, addend);
        Tensor scale = norm.weight!.div(variance.add(room, Scalars.One).sqrt()), weight = conv.weight.mul(scale.view(-1, 1, 1, 1));
        if (channelsLast && weight.device_type == DeviceType.CPU)
            weight = weight.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
        Tensor bias = norm.bias!.sub(scale.mul(norm.running_mean!));
        _weight = (reduced ? weight.to(ScalarType.BFloat16) : weight).DetachFromDisposeScope();
        _bias = (reduced ? bias.to(ScalarType.BFloat16) : bias).DetachFromDisposeScope();
        if (!channelsLast && weight.dtype == ScalarType.Float32 && weight.device_type == DeviceType.CPU && WinogradRows.Fits(weight.shape[1], weight.shape[0]))
        {
            _winogradWeight = WinogradRows.Weights(weight).DetachFromDisposeScope();
            _winogradBias = WinogradRows.Bias(bias).DetachFromDisposeScope();
        }
    }

    /// <summary>y = ReLU(W·x + b) + added.</summary>
    /// <param name="input">x, <c>[N, in, H, W]</c>.</param>
    /// <param name="stride">1 or 2.</param>
    /// <param name="dilation">Distance between the kernel's pixels.</param>
    /// <param name="added"><c>[N, out, …]</c>; <see langword="null"/> for nothing.</param>
    /// <returns>The caller's scope owns it.</returns>
    public Tensor Forward(Tensor input, long stride, long dilation, Tensor? added)
    {
        if (_winogradWeight is not null && stride == 1 && dilation == 1 && input.device_type == DeviceType.CPU)
            return WinogradConvolution.Forward(input, _winogradWeight, _winogradBias!, added, SimdLevels.Best, get_num_threads());
        Tensor output = _channelsLast
            ? nn.functional.conv2d(input, _weight, _bias, strides: [stride, stride], padding: [dilation, dilation], dilation: [dilation, dilation])
            : PaddedConvolution.Forward(input, _weight, _bias, stride, dilation, dilation);
        GC.KeepAlive(this);
        output.relu_();
        return added is null ? output : output.add_(added, Scalars.One);
    }

    public void Dispose()
    {
        _weight.Dispose();
        _bias.Dispose();
        _winogradWeight?.Dispose();
        _winogradBias?.Dispose();
    }
}
