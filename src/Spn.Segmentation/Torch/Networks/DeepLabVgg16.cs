using Spn.Segmentation.Torch.Layers;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Spn.Segmentation.Torch;

/// <summary>
/// DeepLab v2 with VGG16 (Chen et al., "DeepLab: Semantic Image Segmentation with Deep Convolutional Nets, Atrous Convolution, and Fully
/// Connected CRFs", TPAMI 2018), without its CRF: stride 8, conv5 with dilation 2, ASPP-L with 1024 maps per branch.
/// </summary>
/// <remarks>
/// Pools are 3x3; the last two have stride 1. Dropout of 0.5 is used in training at full width only. Not thread-safe while it is trained.
/// </remarks>
public sealed class DeepLabVgg16 : nn.Module<Tensor, Tensor>
{
    private const long HiddenWidth = 1024;

    private static readonly long[] s_poolStrides = [2, 2, 2, 1, 1];

    [ComponentName(Name = "features")] private readonly Vgg16Stages _features;
    [ComponentName(Name = "aspp")] private readonly AtrousPyramid _pyramid;

    /// <summary>Creates an untrained network.</summary>
    /// <param name="classes">The number of classes K, 2 or more. Default 21, as in Pascal VOC.</param>
    /// <param name="widthDivisor">Divides the number of maps of every layer, 1 or more. Default 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public DeepLabVgg16(int classes = 21, int widthDivisor = 1)
        : base(nameof(DeepLabVgg16))
    {
        Images.RequireNetwork(classes, widthDivisor);
        _features = new Vgg16Stages(widthDivisor, lastDilation: 2);
        _pyramid = new AtrousPyramid(
            Images.Narrow(Vgg16Stages.Widths[^1], widthDivisor), Images.Narrow(HiddenWidth, widthDivisor), classes,
            dropout: widthDivisor == 1 ? 0.5 : 0);
        RegisterComponents();
    }

    /// <summary>
    /// Loads the convolutions of VGG16 from weights with torchvision's names (<c>vgg16</c>), at full width. The classifier is left out.
    /// </summary>
    /// <param name="path">The safetensors file.</param>
    /// <exception cref="InvalidDataException">The file is broken or does not fit. Nothing was loaded.</exception>
    public void LoadVgg16(string path)
        => PretrainedWeights.Load(path, _features.Named(), name => name.StartsWith("classifier.", StringComparison.Ordinal));

    /// <summary>Predicts the classes of an image.</summary>
    /// <param name="image"><c>[N, 3, H, W]</c>, float32, RGB in 0..1, of any size.</param>
    /// <returns>Logits <c>[N, K, H, W]</c>. The caller owns them.</returns>
    /// <exception cref="ArgumentException">The image has another type or shape.</exception>
    public override Tensor forward(Tensor image)
    {
        Images.Require(image);
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Images.Normalize(image);
        for (int stage = 0; stage < s_poolStrides.Length; stage++)
            x = nn.functional.max_pool2d(_features.forward(x, stage), 3, s_poolStrides[stage], 1);
        return Images.Resize(_pyramid.forward(x), image.shape[2], image.shape[3]).MoveToOuterDisposeScope();
    }
}
