using Spn.Torch;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Spn.Segmentation.Torch.Layers;

/// <summary>
/// Atrous spatial pyramid pooling (ASPP-L of DeepLab v2): branches with dilations 6, 12, 18 and 24, whose scores are added.
/// </summary>
/// <remarks>
/// With hidden maps a branch is a dilated 3x3 convolution, a 1x1 convolution and a 1x1 score (VGG16); without, a dilated 3x3 score
/// (ResNet101). Names: <c>branches.{branch}.{layer}</c>.
/// </remarks>
internal sealed class AtrousPyramid : nn.Module<Tensor, Tensor>
{
    private static readonly int[] s_dilations = [6, 12, 18, 24];

    [ComponentName(Name = "branches")] private readonly ModuleList<ModuleList<ConvolutionLayer>> _branches = new();
    private readonly double _dropout;

    /// <param name="input">The number of input maps.</param>
    /// <param name="hidden">The number of hidden maps; 0 for none.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="dropout">The dropout after hidden layers, in training.</param>
    public AtrousPyramid(long input, long hidden, long classes, double dropout)
        : base(nameof(AtrousPyramid))
    {
        _dropout = dropout;
        foreach (int dilation in s_dilations)
        {
            _branches.Add(hidden == 0
                ? new ModuleList<ConvolutionLayer>(new ConvolutionLayer(input, classes, 3, dilation: dilation))
                : new ModuleList<ConvolutionLayer>(
                    new ConvolutionLayer(input, hidden, 3, dilation: dilation),
                    new ConvolutionLayer(hidden, hidden, 1),
                    new ConvolutionLayer(hidden, classes, 1)));
        }
        RegisterComponents();
        foreach (ModuleList<ConvolutionLayer> branch in _branches)
            nn.init.normal_(branch[^1].Weight, std: 0.01); // as in the paper
    }

    public override Tensor forward(Tensor input)
    {
        Tensor? sum = null;
        foreach (ModuleList<ConvolutionLayer> branch in _branches)
        {
            Tensor x = input;
            for (int layer = 0; layer < branch.Count - 1; layer++)
                x = nn.functional.dropout(branch[layer].forward(x).relu_(), _dropout, training && _dropout > 0);
            x = branch[^1].forward(x);
            sum = sum is null ? x : sum.add_(x, Scalars.One);
        }
        return sum!;
    }
}
