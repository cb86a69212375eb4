using Spn.Segmentation.Torch.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Spn.Segmentation.Torch;

/// <summary>
/// DeepLab v2 with ResNet101 (Chen et al., TPAMI 2018), without its CRF: blocks 3, 4, 23 and 3, stride 8 with dilations 2 and 4 in the last
/// two layers, ASPP from 2048 maps, and the pixel-wise maximum over the image at scales 0.5, 0.75 and 1.
/// </summary>
/// <remarks>
/// Names as in torchvision's <c>resnet101</c>: <c>conv1</c>, <c>bn1</c>, <c>layer1.0.conv1</c> …; <c>aspp.*</c>. As there, a block's 3x3
/// convolution has the stride. Not thread-safe while it is trained.
/// </remarks>
public sealed class DeepLabResNet101 : nn.Module<Tensor, Tensor>
{
    private const int Expansion = 4;

    private static readonly (int Blocks, long Width, long Stride, long Dilation)[] s_layers =
        [(3, 64, 1, 1), (4, 128, 2, 1), (23, 256, 1, 2), (3, 512, 1, 4)];

    private static readonly double[] s_smallerScales = [0.5, 0.75];

    [ComponentName(Name = "conv1")] private readonly ConvolutionLayer _conv1;
    [ComponentName(Name = "bn1")] private readonly BatchNormalization _norm1;
    [ComponentName(Name = "aspp")] private readonly AtrousPyramid _pyramid;
    private readonly ModuleList<Bottleneck>[] _layers;

    /// <summary>Creates an untrained network.</summary>
    /// <param name="classes">The number of classes K, 2 or more. Default 21, as in Pascal VOC.</param>
    /// <param name="widthDivisor">Divides the number of maps of every layer, 1 or more. Default 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public DeepLabResNet101(int classes = 21, int widthDivisor = 1)
        : base(nameof(DeepLabResNet101))
    {
        Images.RequireNetwork(classes, widthDivisor);
        long input = Width(64);
        (_conv1, _norm1) = (new ConvolutionLayer(3, input, 7, stride: 2, bias: false), new BatchNormalization(input));
        _layers = new ModuleList<Bottleneck>[s_layers.Length];
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            (int blocks, long full, long stride, long dilation) = s_layers[layer];
            (long width, long output) = (Width(full), Width(Expansion * full));
            _layers[layer] = new ModuleList<Bottleneck>();
            for (int block = 0; block < blocks; block++)
            {
                _layers[layer].Add(new Bottleneck(input, width, output, block == 0 ? stride : 1, dilation, first: block == 0));
                input = output;
            }
        }
        _pyramid = new AtrousPyramid(input, 0, classes, dropout: 0);
        RegisterComponents();
        for (int layer = 0; layer < _layers.Length; layer++)
            register_module($"layer{layer + 1}", _layers[layer]);

        long Width(long maps) => Images.Narrow(maps, widthDivisor);
    }

    /// <summary>
    /// Loads ResNet101 from weights with torchvision's names (<c>resnet101</c>), at full width, and freezes the statistics of batch
    /// normalization, as DeepLab does. The classifier <c>fc</c> is left out.
    /// </summary>
    /// <param name="path">The safetensors file.</param>
    /// <exception cref="InvalidDataException">The file is broken or does not fit. Nothing was loaded.</exception>
    public void LoadResNet101(string path)
    {
        PretrainedWeights.Load(
            path,
            state_dict().Where(pair => !pair.Key.StartsWith("aspp.", StringComparison.Ordinal))
                .ToDictionary(pair => pair.Key, pair => pair.Value),
            name => name.StartsWith("fc.", StringComparison.Ordinal) || name.EndsWith(".num_batches_tracked", StringComparison.Ordinal));
        foreach (BatchNormalization norm in modules().OfType<BatchNormalization>())
            norm.Frozen = true;
    }

    /// <summary>Predicts the classes of an image.</summary>
    /// <param name="image"><c>[N, 3, H, W]</c>, float32, RGB in 0..1, of any size.</param>
    /// <returns>Logits <c>[N, K, H, W]</c>. The caller owns them.</returns>
    /// <exception cref="ArgumentException">The image has another type or shape.</exception>
    public override Tensor forward(Tensor image)
    {
        Images.Require(image);
        using DisposeScope scope = NewDisposeScope();
        long height = image.shape[2], width = image.shape[3];
        Tensor normalized = Images.Normalize(image), scores = Scores(normalized);
        foreach (double scale in s_smallerScales)
        {
            Tensor smaller = Images.Resize(normalized, Scaled(height), Scaled(width));
            scores = maximum(scores, Images.Resize(Scores(smaller), scores.shape[2], scores.shape[3]));

            long Scaled(long size) => Math.Max(1, (long)Math.Round(scale * size));
        }
        return Images.Resize(scores, height, width).MoveToOuterDisposeScope();
    }

    private Tensor Scores(Tensor image)
    {
        Tensor x = nn.functional.max_pool2d(_norm1.forward(_conv1.forward(image)).relu_(), 3, 2, 1);
        foreach (ModuleList<Bottleneck> layer in _layers)
        {
            foreach (Bottleneck block in layer)
                x = block.forward(x);
        }
        return _pyramid.forward(x);
    }
}
