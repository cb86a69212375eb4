using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Spn.Guidance;

/// <summary>3x3 convolution, batch normalisation, ReLU. Names: <c>conv.weight</c> and PyTorch's five of <c>norm</c>.</summary>
internal sealed class ConvBlock : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "conv")] private readonly Conv2d _conv;
    [ComponentName(Name = "norm")] private readonly BatchNorm2d _norm;

    public ConvBlock(long input, long output, long stride = 1, long dilation = 1)
        : base(nameof(ConvBlock))
    {
        _conv = nn.Conv2d(input, output, 3, stride: stride, padding: dilation, dilation: dilation, bias: false);
        _norm = nn.BatchNorm2d(output);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using Tensor convolved = _conv.forward(input);

        // Not norm.forward: in training it counts batches with a Scalar that the garbage collector may free while it is used.
        Tensor normalized = nn.functional.batch_norm(
            convolved, _norm.running_mean, _norm.running_var, _norm.weight, _norm.bias, training, momentum: 0.1, eps: 1e-5);
        return normalized.relu_();
    }
}
