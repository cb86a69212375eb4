using Spn.Models;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Spn.Torch;

/// <summary>
/// Maps of a quarter of the image's size seen from an eighth of it, where the whole of an object lies close together: a
/// <see cref="ConvBlock"/> of stride 2, two rounds of spreading, and a 1x1 convolution back, which is added to what came in. Its weights
/// start at zero: an untrained block changes nothing, so a trained model can be given one.
/// </summary>
/// <remarks>
/// Names: <c>guide</c> (1x1 over 2x2 pixels: gates and features of an eighth's size), <c>narrow</c>, <c>spread</c>, <c>again</c>,
/// <c>back</c>.
/// </remarks>
internal sealed class DeepBlock : nn.Module
{
    private readonly SpnConfiguration _configuration;
    [ComponentName(Name = "guide")] private readonly Conv2d _guide;
    [ComponentName(Name = "narrow")] private readonly ConvBlock _narrow;
    [ComponentName(Name = "spread")] private readonly SpreadBlock _spread;
    [ComponentName(Name = "again")] private readonly SpreadBlock _again;
    [ComponentName(Name = "back")] private readonly Conv2d _back;

    /// <param name="configuration">C, G, normalisation and the maps' width M.</param>
    public DeepBlock(SpnConfiguration configuration)
        : base(nameof(DeepBlock))
    {
        _configuration = configuration;
        int outside = 2 * configuration.MaskWidth, inside = configuration.EighthWidth;
        _guide = nn.Conv2d(4 * configuration.EighthMaps, configuration.GateMaps + inside, 1);
        _narrow = new ConvBlock(outside, inside, stride: 2);
        _spread = new SpreadBlock(configuration, inside, 4 * configuration.Channels);
        _again = new SpreadBlock(configuration, inside, 4 * configuration.Channels);
        _back = nn.Conv2d(inside, outside, 1);
        nn.init.zeros_(_back.weight);
        nn.init.zeros_(_back.bias!);
        RegisterComponents();
    }

    /// <summary>What the guidance network says of N images, for all of their masks.</summary>
    /// <param name="maps"><c>[N, <see cref="SpnConfiguration.EighthMaps"/>, 2·h, 2·w]</c>.</param>
    /// <returns>Raw gates <c>[N, 12·G, h, w]</c> and features <c>[N, 3·M, h, w]</c>.</returns>
    public (Tensor Gates, Tensor Features) Guide(Tensor maps)
    {
        using Tensor unshuffled = nn.functional.pixel_unshuffle(maps, 2), both = _guide.forward(unshuffled);
        Tensor[] parts = both.split([_configuration.GateMaps, _configuration.EighthWidth], 1);
        return (parts[0], parts[1]);
    }

    /// <param name="maps"><c>[N·K, 2·M, 2·h, 2·w]</c>.</param>
    /// <param name="image">What <see cref="Guide"/> said.</param>
    /// <returns>The same with what was seen added.</returns>
    public Tensor Spread(Tensor maps, (Tensor Gates, Tensor Features) image)
    {
        using Tensor narrow = _narrow.forward(maps), once = _spread.Spread(narrow, image.Gates, features: image.Features),
            twice = _again.Spread(once, image.Gates);
        using Tensor back = _back.forward(twice);
        return MapSums.AddUpsampled(maps, back);
    }
}
