using Spn.Native;
using Spn.Propagation.Cpu;
using Spn.Simd;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Spn.Guidance.Convolutions;

/// <summary>
/// For inference, a 3x3 convolution and the batch normalisation after it as one convolution with a bias:
/// (w·x - μ) · γ / √(σ² + ε) + β = (s·w)·x + (β - s·μ) with s = γ / √(σ² + ε); then a ReLU. A copy of the weights as they are now.
/// </summary>
internal sealed class FoldedConvolution : IDisposable
{
    private readonly Tensor _weight, _bias;
    private readonly (Tensor Weight, Tensor Bias)? _winograd;
    private readonly Tensor? _halving;
    private readonly long _stride, _dilation;

    /// <param name="conv">A convolution without a bias.</param>
    /// <param name="norm">What follows it.</param>
    /// <param name="epsilon">ε, which the norm adds to a variance.</param>
    /// <param name="stride">1 or 2.</param>
    /// <param name="dilation">Distance between the kernel's pixels.</param>
    /// <param name="reduced">Whether the maps are bfloat16, a pixel's channels side by side, which libtorch then needs no other layout for in between; else they are planes of the weights' type.</param>
    public FoldedConvolution(Conv2d conv, BatchNorm2d norm, double epsilon, long stride, long dilation, bool reduced)
    {
        (_stride, _dilation) = (stride, dilation);
        using var noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using Scalar addend = epsilon.ToScalar();
        Tensor variance = norm.running_var!, room = full_like(variance, addend);
        Tensor scale = norm.weight!.div(variance.add(room, Scalars.One).sqrt()), weight = conv.weight.mul(scale.view(-1, 1, 1, 1));
        Tensor bias = norm.bias!.sub(scale.mul(norm.running_mean!));
        if (!reduced && weight.dtype == ScalarType.Float32 && weight.device_type == DeviceType.CPU)
        {
            long outputs = weight.shape[0], inputs = weight.shape[1];
            if (stride == 1 && WinogradRows.Fits(inputs, outputs, dilation))
                _winograd = (WinogradRows.Weights(weight).DetachFromDisposeScope(), WinogradRows.Bias(bias).DetachFromDisposeScope());
            else if (stride == 2 && dilation == 1 && HalvingConvolution.Fits(inputs, outputs))
                _halving = HalvingConvolution.Weights(weight).DetachFromDisposeScope();
        }
        _weight = (reduced ? weight.permute(0, 2, 3, 1).to(ScalarType.BFloat16).contiguous().permute(0, 3, 1, 2) : weight).DetachFromDisposeScope();
        _bias = (reduced ? bias.to(ScalarType.BFloat16) : bias).DetachFromDisposeScope();
    }

    /// <summary>y = ReLU(W·x + b) + added.</summary>
    /// <param name="input">x, <c>[N, in, H, W]</c>.</param>
    /// <param name="added"><c>[N, out, …]</c>; <see langword="null"/> for nothing.</param>
    /// <returns>The caller's scope owns it.</returns>
    public Tensor Forward(Tensor input, Tensor? added)
    {
        Tensor output;
        bool planes = input.dtype == ScalarType.Float32 && input.device_type == DeviceType.CPU;
        if (_winograd is { } form && planes)
        {
            output = WinogradConvolution.Forward(input, form.Weight, form.Bias, _dilation, added, SimdLevels.Best, get_num_threads());
        }
        else if (_halving is not null && planes && added is null)
        {
            output = HalvingConvolution.Forward(input, _halving, _bias, SimdLevels.Best, get_num_threads());
        }
        else
        {
            output = input.dtype == ScalarType.BFloat16
                ? nn.functional.conv2d(input, _weight, _bias, strides: [_stride, _stride], padding: [_dilation, _dilation], dilation: [_dilation, _dilation])
                : PaddedConvolution.Forward(input, _weight, _bias, _stride, _dilation, _dilation);
            output.relu_();
            if (added is not null)
                output.add_(added, Scalars.One);
        }
        GC.KeepAlive(this);
        return output;
    }

    public void Dispose()
    {
        _weight.Dispose();
        _bias.Dispose();
        _winograd?.Weight.Dispose();
        _winograd?.Bias.Dispose();
        _halving?.Dispose();
    }
}
