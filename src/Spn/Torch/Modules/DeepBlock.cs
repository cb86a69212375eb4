using Spn.Models;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Spn.Torch;

/// <summary>
/// Refines maps at a quarter of the image's size by a detour to an eighth, where propagation reaches across whole objects: a
/// <see cref="ConvBlock"/> of stride 2, two rounds of propagation, and a 1x1 convolution whose result is added to the input. The weights of
/// this convolution start at 0. An untrained block therefore changes nothing and can be added to a trained model.
/// </summary>
/// <remarks>
/// Parameter names: <c>guide</c> (1x1 over 2x2 pixels: gates and features at an eighth), <c>narrow</c>, <c>spread</c>, <c>again</c>,
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

    /// <param name="configuration">Supplies C, G, the normalisation and the number M of maps.</param>
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

    /// <summary>Gates and features of N images, for all of their masks.</summary>
    /// <param name="maps"><c>[N, <see cref="SpnConfiguration.EighthMaps"/>, 2·h, 2·w]</c>.</param>
    /// <returns>Raw gates <c>[N, 12·G, h, w]</c> and features <c>[N, 3·M, h, w]</c>.</returns>
    public (Tensor Gates, Tensor Features) Guide(Tensor maps)
    {
        using Tensor unshuffled = nn.functional.pixel_unshuffle(maps, 2), both = _guide.forward(unshuffled);
        Tensor[] parts = both.split([_configuration.GateMaps, _configuration.EighthWidth], 1);
        return (parts[0], parts[1]);
    }

    /// <param name="maps"><c>[N·K, 2·M, 2·h, 2·w]</c>.</param>
    /// <param name="image">The result of <see cref="Guide"/>.</param>
    /// <returns>The refined maps, of the same shape.</returns>
    public Tensor Spread(Tensor maps, (Tensor Gates, Tensor Features) image)
    {
        using Tensor narrow = _narrow.forward(maps), once = _spread.Spread(narrow, image.Gates, features: image.Features),
            twice = _again.Spread(once, image.Gates);
        using Tensor back = _back.forward(twice);
        return MapSums.AddUpsampled(maps, back);
    }
}
