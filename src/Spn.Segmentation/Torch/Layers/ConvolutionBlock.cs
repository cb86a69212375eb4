using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Spn.Segmentation.Torch.Layers;

/// <summary>Convolution, batch normalization and ReLU. Names: <c>conv.weight</c>, <c>norm.*</c>.</summary>
internal sealed class ConvolutionBlock : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "conv")] private readonly ConvolutionLayer _conv;
    [ComponentName(Name = "norm")] private readonly BatchNormalization _norm;

    public ConvolutionBlock(long input, long output, long kernel)
        : base(nameof(ConvolutionBlock))
    {
        _conv = new ConvolutionLayer(input, output, kernel, bias: false);
        _norm = new BatchNormalization(output);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using Tensor convolved = _conv.forward(input);
        return _norm.forward(convolved).relu_();
    }
}
