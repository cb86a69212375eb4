using Spn.Segmentation.Torch.Layers;
using Spn.Torch;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Spn.Segmentation.Torch;

/// <summary>
/// The face parsing network "CNN-base" of Liu et al. (NIPS 2017, Helen experiments): a symmetric encoder-decoder with summed skip links,
/// 3.2 million parameters at full width. At twice the resolution it stands for "CNN-Highres", whose layers are not published.
/// </summary>
/// <remarks>
/// Encoder 16, 32, 64 (5x5), 128, 256 and 512 maps, with a 2x2 max pool after all but the last; decoder 256, 128, 64, 32 and 16, each after
/// a bilinear x2. Batch normalization and ReLU everywhere. Not thread-safe while it is trained.
/// </remarks>
public sealed class FaceNetwork : nn.Module<Tensor, Tensor>
{
    private static readonly long[] s_widths = [16, 32, 64, 128, 256, 512];

    [ComponentName(Name = "encoder")] private readonly ModuleList<ConvolutionBlock> _encoder = new();
    [ComponentName(Name = "decoder")] private readonly ModuleList<ConvolutionBlock> _decoder = new();
    [ComponentName(Name = "head")] private readonly ConvolutionLayer _head;

    /// <summary>Creates an untrained network.</summary>
    /// <param name="classes">The number of classes K, 2 or more. Default 11, as in Helen.</param>
    /// <param name="widthDivisor">Divides the number of maps of every layer, 1 or more. Default 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public FaceNetwork(int classes = 11, int widthDivisor = 1)
        : base(nameof(FaceNetwork))
    {
        Images.RequireNetwork(classes, widthDivisor);
        long[] widths = [.. s_widths.Select(width => Images.Narrow(width, widthDivisor))];
        for (int level = 0; level < widths.Length; level++)
            _encoder.Add(new ConvolutionBlock(level == 0 ? 3 : widths[level - 1], widths[level], level == 2 ? 5 : 3));
        for (int level = widths.Length - 2; level >= 0; level--)
            _decoder.Add(new ConvolutionBlock(widths[level + 1], widths[level], 3));
        _head = new ConvolutionLayer(widths[0], classes, 1);
        RegisterComponents();
    }

    /// <summary>Predicts the classes of an image.</summary>
    /// <param name="image"><c>[N, 3, H, W]</c>, float32, RGB in 0..1. The paper uses 128 x 128; H and W are 32 or more.</param>
    /// <returns>Logits <c>[N, K, H, W]</c>. The caller owns them.</returns>
    /// <exception cref="ArgumentException">The image has another type or shape.</exception>
    public override Tensor forward(Tensor image)
    {
        Images.Require(image);
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Images.Normalize(image);
        var skips = new Stack<Tensor>();
        for (int level = 0; level < _encoder.Count; level++)
        {
            x = _encoder[level].forward(level == 0 ? x : nn.functional.max_pool2d(x, 2));
            skips.Push(x);
        }
        skips.Pop();
        foreach (ConvolutionBlock block in _decoder)
        {
            Tensor skip = skips.Pop();
            x = block.forward(Images.Resize(x, skip.shape[2], skip.shape[3])).add(skip, Scalars.One);
        }
        return _head.forward(x).MoveToOuterDisposeScope();
    }
}
