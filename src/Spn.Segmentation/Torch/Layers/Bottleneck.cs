using Spn.Torch;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Spn.Segmentation.Torch.Layers;

/// <summary>
/// A residual block (He et al., CVPR 2016): 1x1, 3x3, 1x1. Names as in torchvision: <c>conv1</c>, <c>bn1</c> … <c>bn3</c>, and
/// <c>downsample.0</c>, <c>downsample.1</c> in a block that changes the size or the number of maps. An untrained block passes its input on
/// (Goyal et al., "Accurate, Large Minibatch SGD", 2017).
/// </summary>
internal sealed class Bottleneck : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "conv1")] private readonly ConvolutionLayer _conv1;
    [ComponentName(Name = "bn1")] private readonly BatchNormalization _norm1;
    [ComponentName(Name = "conv2")] private readonly ConvolutionLayer _conv2;
    [ComponentName(Name = "bn2")] private readonly BatchNormalization _norm2;
    [ComponentName(Name = "conv3")] private readonly ConvolutionLayer _conv3;
    [ComponentName(Name = "bn3")] private readonly BatchNormalization _norm3;
    private readonly ConvolutionLayer? _shortcut;
    private readonly BatchNormalization? _shortcutNorm;

    /// <param name="input">The number of input maps.</param>
    /// <param name="width">The number of maps of the 3x3 convolution.</param>
    /// <param name="output">The number of output maps.</param>
    /// <param name="stride">The stride of the 3x3 convolution.</param>
    /// <param name="dilation">The dilation of the 3x3 convolution.</param>
    /// <param name="first">Whether the block is the first of its layer.</param>
    public Bottleneck(long input, long width, long output, long stride, long dilation, bool first)
        : base(nameof(Bottleneck))
    {
        (_conv1, _norm1) = (new ConvolutionLayer(input, width, 1, bias: false), new BatchNormalization(width));
        _conv2 = new ConvolutionLayer(width, width, 3, stride, padding: dilation, dilation: dilation, bias: false);
        _norm2 = new BatchNormalization(width);
        (_conv3, _norm3) = (new ConvolutionLayer(width, output, 1, bias: false), new BatchNormalization(output, weight: 0));
        RegisterComponents();
        if (first)
        {
            (_shortcut, _shortcutNorm) = (new ConvolutionLayer(input, output, 1, stride, bias: false), new BatchNormalization(output));
            register_module("downsample", nn.Sequential(("0", _shortcut), ("1", _shortcutNorm)));
        }
    }

    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = _norm1.forward(_conv1.forward(input)).relu_();
        x = _norm2.forward(_conv2.forward(x)).relu_();
        x = _norm3.forward(_conv3.forward(x));
        Tensor shortcut = _shortcut is null ? input : _shortcutNorm!.forward(_shortcut.forward(input));
        return x.add(shortcut, Scalars.One).relu_().MoveToOuterDisposeScope();
    }
}
