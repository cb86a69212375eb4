using Spn.Models;
using Spn.Weights;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Spn.Torch;

/// <summary>
/// The large guidance network: image → raw guidance at half resolution. VGG16 from conv1 to pool5, and a symmetric decoder with skip links
/// from every stage, as in the slides' VOC model. 19 million parameters.
/// </summary>
/// <remarks>
/// Parameter names: <c>features.{0, 2, 5 … 28}.weight</c> and <c>.bias</c> as in torchvision's <c>vgg16</c>;
/// <c>decoder.{level}.conv.weight</c> and <c>.norm.*</c>; <c>head.weight</c>, <c>head.bias</c>.
/// </remarks>
public sealed class Vgg16GuidanceNetwork : nn.Module<Tensor, Tensor>
{
    private const long Multiple = 32;

    // The normalisation of torchvision's ImageNet weights, RGB.
    private static readonly float[] s_mean = [0.485f, 0.456f, 0.406f];
    private static readonly float[] s_deviation = [0.229f, 0.224f, 0.225f];

    [ComponentName(Name = "features")] private readonly Vgg16Features _features;
    [ComponentName(Name = "decoder")] private readonly ModuleList<ConvBlock> _decoder;
    [ComponentName(Name = "head")] private readonly Conv2d _head;

    /// <summary>Creates an untrained network.</summary>
    /// <param name="configuration">Supplies the number of guidance maps and their initial values.</param>
    public Vgg16GuidanceNetwork(SpnConfiguration configuration)
        : base(nameof(Vgg16GuidanceNetwork))
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration.Validate();
        _features = new Vgg16Features();
        _decoder = new(new ConvBlock(128, 64), new ConvBlock(256, 128), new ConvBlock(512, 256), new ConvBlock(512, 512));
        _head = GuidanceHead.Create(64, configuration);
        RegisterComponents();
    }

    /// <summary>
    /// Loads the encoder from VGG16 weights with torchvision's names, such as a file made from
    /// <c>torchvision.models.vgg16().state_dict()</c>. The classifier in such a file (<c>classifier.*</c>) is ignored. Any other
    /// tensor that does not fit is an error.
    /// </summary>
    /// <param name="path">The safetensors file.</param>
    /// <exception cref="InvalidDataException">The file is damaged or does not hold VGG16's weights. Nothing was loaded.</exception>
    public void LoadEncoder(string path)
    {
        using var file = SafetensorsFile.Open(path);
        _features.LoadWeights(file, prefix: "features.", ignore: name => name.StartsWith("classifier.", StringComparison.Ordinal));
    }

    /// <summary>The guidance pass.</summary>
    /// <param name="input">The image, <c>[N, 3, H, W]</c>, float32, RGB in 0..1, of any size.</param>
    /// <returns>Raw guidance, then features for the masks, <c>[N, 12·G + F, ⌈H/2⌉, ⌈W/2⌉]</c>.</returns>
    public override Tensor forward(Tensor input)
    {
        GuidanceHead.RequireImage(input);
        using DisposeScope scope = NewDisposeScope();
        Tensor[] maps = _features.forward(Normalize(ImagePadding.ToMultiple(input, Multiple)));
        Tensor x = maps[^1];
        for (int level = _decoder.Count - 1; level >= 0; level--)
            x = _decoder[level].forward(MapSums.AddUpsampled(maps[level + 1], x));
        return GuidanceHead.Apply(_head, x, input).MoveToOuterDisposeScope();
    }

    private static Tensor Normalize(Tensor image)
    {
        Tensor mean = tensor(s_mean, device: image.device).view(1, 3, 1, 1);
        Tensor deviation = tensor(s_deviation, device: image.device).view(1, 3, 1, 1);
        return image.sub(mean).div_(deviation);
    }
}
