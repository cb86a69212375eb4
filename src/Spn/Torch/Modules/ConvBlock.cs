using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Spn.Torch;

/// <summary>
/// A 3x3 convolution, batch normalisation and a ReLU. Parameter names: <c>conv.weight</c>, and PyTorch's five names of <c>norm</c>.
/// </summary>
internal sealed class ConvBlock : nn.Module<Tensor, Tensor>
{
    private const double Epsilon = 1e-5;

    private readonly long _stride;
    private readonly long _dilation;
    [ComponentName(Name = "conv")] private readonly Conv2d _conv;
    [ComponentName(Name = "norm")] private readonly BatchNorm2d _norm;

    /// <param name="input">The number of input maps.</param>
    /// <param name="output">The number of output maps.</param>
    /// <param name="stride">1 or 2.</param>
    /// <param name="dilation">Distance between the kernel's pixels.</param>
    public ConvBlock(long input, long output, long stride = 1, long dilation = 1)
        : base(nameof(ConvBlock))
    {
        (_stride, _dilation) = (stride, dilation);
        _conv = nn.Conv2d(input, output, 3, stride: stride, padding: dilation, dilation: dilation, bias: false);
        _norm = nn.BatchNorm2d(output, Epsilon);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using Tensor convolved = PaddedConvolution.Forward(input, _conv.weight, bias: null, _stride, _dilation, _dilation);

        // Not norm.forward: in training it counts batches with a Scalar that the garbage collector may free while it is used.
        Tensor normalized = nn.functional.batch_norm(
            convolved, _norm.running_mean, _norm.running_var, _norm.weight, _norm.bias, training, momentum: 0.1, eps: Epsilon);
        return normalized.relu_();
    }

    /// <summary>The block's output plus its input.</summary>
    public Tensor Residual(Tensor input)
    {
        using Tensor output = forward(input);
        return output.add(input, Scalars.One);
    }
}
