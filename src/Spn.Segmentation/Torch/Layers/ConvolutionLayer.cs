using Spn.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Spn.Segmentation.Torch.Layers;

/// <summary>A convolution with He's initial weights. Names: <c>weight</c> and, if there is one, <c>bias</c>.</summary>
internal sealed class ConvolutionLayer : nn.Module<Tensor, Tensor>
{
    private readonly long _stride, _padding, _dilation;

    /// <param name="input">The number of input maps.</param>
    /// <param name="output">The number of output maps.</param>
    /// <param name="kernel">The size of the kernel.</param>
    /// <param name="stride">The distance between outputs.</param>
    /// <param name="padding">The zeros on each side; <see langword="null"/> (default) keeps the size if the stride is 1.</param>
    /// <param name="dilation">The distance between the kernel's pixels.</param>
    /// <param name="bias">Whether there is a bias, 0 at first.</param>
    public ConvolutionLayer(
        long input, long output, long kernel, long stride = 1, long? padding = null, long dilation = 1, bool bias = true)
        : base(nameof(ConvolutionLayer))
    {
        (_stride, _padding, _dilation) = (stride, padding ?? dilation * (kernel / 2), dilation);
        Weight = nn.Parameter(empty(output, input, kernel, kernel, dtype: float32));
        nn.init.kaiming_normal_(Weight, mode: nn.init.FanInOut.FanIn, nonlinearity: nn.init.NonlinearityType.ReLU);
        register_parameter("weight", Weight);
        if (bias)
        {
            Bias = nn.Parameter(zeros(output, dtype: float32));
            register_parameter("bias", Bias);
        }
    }

    public Parameter Weight { get; }

    public Parameter? Bias { get; }

    public override Tensor forward(Tensor input) => PaddedConvolution.Forward(input, Weight, Bias, _stride, _padding, _dilation);
}
