using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Segmentation.Torch.Layers;

/// <summary>
/// The thirteen convolutions of VGG16 (Simonyan and Zisserman, ICLR 2015) under torchvision's names: the numbers of its <c>features</c>
/// list, in which ReLUs and pools count, too. The network around it chooses the pools.
/// </summary>
internal sealed class Vgg16Stages : nn.Module<Tensor, int, Tensor>
{
    /// <summary>The number of maps after each stage at full width.</summary>
    public static readonly IReadOnlyList<long> Widths = [64, 128, 256, 512, 512];

    private static readonly int[] s_convolutions = [2, 2, 3, 3, 3];

    private readonly ConvolutionLayer[][] _stages;

    /// <param name="widthDivisor">Divides the number of maps.</param>
    /// <param name="firstPadding">The padding of the first convolution.</param>
    /// <param name="lastDilation">The dilation of the last stage.</param>
    public Vgg16Stages(int widthDivisor, long firstPadding = 1, long lastDilation = 1)
        : base(nameof(Vgg16Stages))
    {
        _stages = new ConvolutionLayer[s_convolutions.Length][];
        long input = 3;
        int number = 0;
        for (int stage = 0; stage < _stages.Length; stage++, number++)
        {
            _stages[stage] = new ConvolutionLayer[s_convolutions[stage]];
            long width = Images.Narrow(Widths[stage], widthDivisor), dilation = stage == _stages.Length - 1 ? lastDilation : 1;
            for (int i = 0; i < _stages[stage].Length; i++, number += 2)
            {
                _stages[stage][i] = new ConvolutionLayer(input, width, 3, padding: number == 0 ? firstPadding : null, dilation: dilation);
                register_module($"{number}", _stages[stage][i]);
                input = width;
            }
        }
    }

    /// <summary>A stage without its pool. The caller's scope owns the result.</summary>
    /// <param name="input">The image, or the pooled maps of the stage before.</param>
    /// <param name="stage">0..4.</param>
    public override Tensor forward(Tensor input, int stage)
    {
        Tensor x = input;
        foreach (ConvolutionLayer convolution in _stages[stage])
            x = convolution.forward(x).relu_();
        return x;
    }

    /// <summary>The tensors by their names in torchvision's <c>vgg16</c>.</summary>
    public Dictionary<string, Tensor> Named() => state_dict().ToDictionary(pair => "features." + pair.Key, pair => pair.Value);
}
