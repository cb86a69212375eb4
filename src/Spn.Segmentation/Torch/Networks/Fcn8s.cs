using Spn.Segmentation.Torch.Layers;
using Spn.Torch;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Spn.Segmentation.Torch;

/// <summary>
/// FCN-8s (Long, Shelhamer and Darrell, "Fully Convolutional Networks for Semantic Segmentation", CVPR 2015): VGG16 with its fully
/// connected layers as convolutions, whose scores at stride 32 are added to scores at strides 16 and 8.
/// </summary>
/// <remarks>
/// The first convolution pads by 100 pixels, and crops align the scores, as in the paper. Upsampling is bilinear and fixed. Dropout of 0.5
/// after fc6 and fc7 is used in training at full width only. Not thread-safe while it is trained.
/// </remarks>
public sealed class Fcn8s : nn.Module<Tensor, Tensor>
{
    private const long Padding = 100, Fc6Kernel = 7, FullWidth = 4096;

    // Where the scores of pool4, of pool3 and the image start in the maps around them.
    private const long Pool4Crop = 6, Pool3Crop = 12, ImageCrop = 3;

    [ComponentName(Name = "features")] private readonly Vgg16Stages _features;
    [ComponentName(Name = "fc6")] private readonly ConvolutionLayer _fc6;
    [ComponentName(Name = "fc7")] private readonly ConvolutionLayer _fc7;
    [ComponentName(Name = "score")] private readonly ConvolutionLayer _score;
    [ComponentName(Name = "score_pool4")] private readonly ConvolutionLayer _scorePool4;
    [ComponentName(Name = "score_pool3")] private readonly ConvolutionLayer _scorePool3;
    private readonly int _widthDivisor;

    /// <summary>Creates an untrained network.</summary>
    /// <param name="classes">The number of classes K, 2 or more. Default 21, as in Pascal VOC.</param>
    /// <param name="widthDivisor">Divides the number of maps of every layer, 1 or more. Default 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public Fcn8s(int classes = 21, int widthDivisor = 1)
        : base(nameof(Fcn8s))
    {
        Images.RequireNetwork(classes, widthDivisor);
        _widthDivisor = widthDivisor;
        long[] widths = [.. Vgg16Stages.Widths.Append(FullWidth).Select(width => Images.Narrow(width, widthDivisor))];
        _features = new Vgg16Stages(widthDivisor, firstPadding: Padding);
        _fc6 = new ConvolutionLayer(widths[4], widths[5], Fc6Kernel, padding: 0);
        _fc7 = new ConvolutionLayer(widths[5], widths[5], 1);
        _score = new ConvolutionLayer(widths[5], classes, 1);
        _scorePool4 = new ConvolutionLayer(widths[3], classes, 1);
        _scorePool3 = new ConvolutionLayer(widths[2], classes, 1);
        RegisterComponents();
        using IDisposable noGradient = no_grad();
        foreach (ConvolutionLayer score in new[] { _score, _scorePool4, _scorePool3 })
            nn.init.zeros_(score.Weight); // as in the paper: scores start at 0
    }

    /// <summary>
    /// Loads VGG16 from weights with torchvision's names (<c>vgg16</c>), at full width: the convolutions, and <c>classifier.0</c> and
    /// <c>classifier.3</c> as fc6 and fc7.
    /// </summary>
    /// <param name="path">The safetensors file.</param>
    /// <exception cref="InvalidDataException">The file is broken or does not fit. Nothing was loaded.</exception>
    public void LoadVgg16(string path)
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> targets = _features.Named();
        targets["classifier.0.weight"] = _fc6.Weight.view(_fc6.Weight.shape[0], -1);
        targets["classifier.0.bias"] = _fc6.Bias!;
        targets["classifier.3.weight"] = _fc7.Weight.view(_fc7.Weight.shape[0], -1);
        targets["classifier.3.bias"] = _fc7.Bias!;
        PretrainedWeights.Load(path, targets, name => name.StartsWith("classifier.6.", StringComparison.Ordinal));
    }

    /// <summary>Predicts the classes of an image.</summary>
    /// <param name="image"><c>[N, 3, H, W]</c>, float32, RGB in 0..1, of any size.</param>
    /// <returns>Logits <c>[N, K, H, W]</c>. The caller owns them.</returns>
    /// <exception cref="ArgumentException">The image has another type or shape.</exception>
    public override Tensor forward(Tensor image)
    {
        Images.Require(image);
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Images.Normalize(image);
        var pools = new Tensor[5];
        for (int stage = 0; stage < pools.Length; stage++)
            x = pools[stage] = nn.functional.max_pool2d(_features.forward(x, stage), 2, 2, ceil_mode: true);
        x = Drop(_fc6.forward(x).relu_());
        x = _score.forward(Drop(_fc7.forward(x).relu_()));
        x = Fuse(x, _scorePool4.forward(pools[3]), Pool4Crop);
        x = Fuse(x, _scorePool3.forward(pools[2]), Pool3Crop);
        x = Images.Resize(x, 8 * x.shape[2], 8 * x.shape[3]);
        return Crop(x, ImageCrop, image.shape[2], image.shape[3]).contiguous().MoveToOuterDisposeScope();
    }

    private Tensor Drop(Tensor maps) => nn.functional.dropout(maps, 0.5, training && _widthDivisor == 1);

    /// <summary>
    /// Twice the size, plus scores of that size. Bilinear interpolation equals the paper's transposed convolution without its border.
    /// </summary>
    private static Tensor Fuse(Tensor scores, Tensor finer, long crop)
    {
        Tensor enlarged = Images.Resize(scores, 2 * scores.shape[2], 2 * scores.shape[3]);
        return enlarged.add(Crop(finer, crop, enlarged.shape[2], enlarged.shape[3]), Scalars.One);
    }

    private static Tensor Crop(Tensor maps, long first, long height, long width)
        => maps.narrow(2, first, height).narrow(3, first, width);
}
