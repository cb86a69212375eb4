using Spn.Models;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Spn.Torch;

/// <summary>
/// The propagation module of the built-in models. Convolutions read the mask together with features of the image. Hidden maps then
/// propagate in four directions: twice at a quarter of the image's size, which carries the mask far and around corners, and once at half,
/// which puts the boundary in place. With three scales they also propagate twice at an eighth, between the two rounds at a quarter
/// (<see cref="DeepBlock"/>). The last convolutions give every pixel new log-odds and the share of the old ones to keep.
/// </summary>
/// <remarks>
/// <para>
/// refined = keep · s · logit(mask) + (1 - keep) · new, with s learned (<see cref="LogitBlend"/>). The guidance network computes the
/// image's features together with the gates, and they are added before a ReLU. This equals a convolution over mask and image together, but
/// the image's part is computed once for all masks. Untrained, keep is 0.88 and new is near 0, so a mask hardly changes.
/// </para>
/// <para>
/// Parameter names: <c>look.*</c> (4x4, stride 2: M maps that see the mask, then the slides' linear encoding in C), <c>quarter.*</c>
/// (1x1 over 2x2 pixels: gates and features at a quarter, and the source of those at an eighth), <c>down.*</c> and <c>up.*</c> (each a
/// <see cref="ConvBlock"/>, to a quarter and back), <c>coarse.*</c>, <c>again.*</c> and <c>fine.*</c> (each a <see cref="SpreadBlock"/>,
/// two at a quarter and one at half), <c>deep.*</c> (a <see cref="DeepBlock"/>), <c>smooth.*</c> (a <see cref="ConvBlock"/>),
/// <c>decode.*</c> (3x3, with the results for 2x2 pixels in separate maps: like a transposed convolution of stride 2, but faster),
/// <c>scale</c>.
/// </para>
/// </remarks>
public sealed class ResidualPropagationModule : nn.Module<Tensor, Tensor, Tensor>
{
    private const float InitialKeep = 2; // log-odds

    private readonly SpnConfiguration _configuration;
    [ComponentName(Name = "look")] private readonly Conv2d _look;
    [ComponentName(Name = "down")] private readonly ConvBlock _down;
    [ComponentName(Name = "quarter")] private readonly Conv2d _quarter;
    [ComponentName(Name = "coarse")] private readonly SpreadBlock _coarse;
    [ComponentName(Name = "deep")] private readonly DeepBlock? _deep;
    [ComponentName(Name = "again")] private readonly SpreadBlock _again;
    [ComponentName(Name = "up")] private readonly ConvBlock _up;
    [ComponentName(Name = "fine")] private readonly SpreadBlock _fine;
    [ComponentName(Name = "smooth")] private readonly ConvBlock _smooth;
    [ComponentName(Name = "decode")] private readonly Conv2d _decode;
    [ComponentName(Name = "scale")] private readonly Parameter _scale;

    /// <summary>Creates an untrained module.</summary>
    /// <param name="configuration">Supplies C, G, the normalisation and the number M of maps.</param>
    public ResidualPropagationModule(SpnConfiguration configuration)
        : base(nameof(ResidualPropagationModule))
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration.Validate();
        _configuration = configuration;
        int width = configuration.MaskWidth, channels = configuration.Channels;
        _look = nn.Conv2d(1, width + channels, 4, stride: 2, padding: 1);
        _down = new ConvBlock(width, 2 * width, stride: 2);
        _quarter = nn.Conv2d(4 * configuration.QuarterMaps, configuration.GateMaps + 2 * width + configuration.EighthMaps, 1);
        _coarse = new SpreadBlock(configuration, 2 * width, 2 * channels);
        _again = new SpreadBlock(configuration, 2 * width, 2 * channels);
        _deep = configuration.Scales > 2 ? new DeepBlock(configuration) : null;
        _up = new ConvBlock(2 * width, width);
        _fine = new SpreadBlock(configuration, width, channels);
        _smooth = new ConvBlock(width, width);
        _decode = nn.Conv2d(width, 8, 3, padding: 1);
        _scale = new Parameter(ones(1));
        _scale.DetachFromDisposeScope();
        nn.init.normal_(_decode.weight, std: 0.02);
        using (no_grad())
        using (Tensor encoding = _look.weight.narrow(0, width, channels))
            PropagationModule.PassThrough(encoding, 1);
        using (no_grad())
        using (Tensor start = tensor([0, 0, 0, 0, InitialKeep, InitialKeep, InitialKeep, InitialKeep]))
            _decode.bias!.copy_(start);
        RegisterComponents();
    }

    /// <summary>The propagation pass.</summary>
    /// <param name="guidance">Gates, then features of the image, <c>[N, 15·G + 5/2·M, ⌈H/2⌉, ⌈W/2⌉]</c>.</param>
    /// <param name="masks"><c>[N, K, H, W]</c>, float32 in 0..1, K independent masks of any size.</param>
    /// <returns>The refined masks' log-odds <c>[N, K, H, W]</c>; their sigmoid is the probability.</returns>
    public override Tensor forward(Tensor guidance, Tensor masks)
    {
        SharedGates.Require(guidance, masks, _configuration.GuidanceMaps);
        long height = masks.shape[2], width = masks.shape[3];
        using DisposeScope scope = NewDisposeScope();
        // Pad to whole pixels of the smallest scale, as in training. Otherwise the strided layers would read zeros beyond the right and
        // lower border, which they never see in training, and objects would appear there.
        Tensor even = ImagePadding.ToMultiple(masks, 1 << _configuration.Scales),
            maps = ImagePadding.ToMultiple(guidance, 1 << (_configuration.Scales - 1));
        Tensor[] half = maps.split(
            [_configuration.GateMaps, _configuration.QuarterMaps, _configuration.MaskWidth, _configuration.MaskWidth], 1);
        Tensor[] quarter = _quarter.forward(nn.functional.pixel_unshuffle(half[1], 2))
            .split([_configuration.GateMaps, 2 * _configuration.MaskWidth, _configuration.EighthMaps], 1);
        var image = new ImageMaps(half[0], half[2], half[3], quarter[0], quarter[1], _deep?.Guide(quarter[2]) ?? default);
        return ImagePadding.Crop(SharedGates.InPasses(even, part => Refine(image, part)), height, width).MoveToOuterDisposeScope();
    }

    /// <summary>Refines some masks of the images. Maps are disposed as soon as they are no longer needed.</summary>
    private Tensor Refine(ImageMaps image, Tensor masks)
    {
        using Tensor mask = masks.reshape(-1, 1, masks.shape[2], masks.shape[3]), mixed = Mix(mask, image);
        using Tensor decoded = PaddedConvolution.Forward(mixed, _decode.weight, _decode.bias),
            refined = LogitBlend.Refine(decoded, mask, _scale);
        return refined.view(masks.shape);
    }

    private Tensor Mix(Tensor mask, ImageMaps image)
    {
        using Tensor spread = Spread(mask, image);
        return _smooth.Residual(spread);
    }

    private Tensor Spread(Tensor mask, ImageMaps image)
    {
        using Tensor looked = Look(mask, image.Before);
        using Tensor seen = looked.narrow(1, 0, _configuration.MaskWidth),
            encoded = looked.narrow(1, _configuration.MaskWidth, _configuration.Channels);
        using Tensor coarse = Coarse(seen, image), back = _up.forward(coarse), read = MapSums.AddUpsampled(seen, back);
        return _fine.Spread(read, image.Gates, encoded, image.After);
    }

    /// <summary>Maps of the mask and the image's features, followed by maps that are linear in the mask alone.</summary>
    private Tensor Look(Tensor mask, Tensor features)
    {
        using Tensor signed = mask.sub(Scalars.Half);
        Tensor looked = PaddedConvolution.Forward(signed, _look.weight, _look.bias, stride: 2);
        using Tensor seen = looked.narrow(1, 0, features.shape[1]);
        MapSums.AddToEach(seen, features);
        seen.relu_();
        return looked;
    }

    private Tensor Coarse(Tensor seen, ImageMaps image)
    {
        using Tensor narrow = _down.forward(seen), once = _coarse.Spread(narrow, image.CoarseGates, features: image.Coarse);
        if (_deep is null)
            return _again.Spread(once, image.CoarseGates);
        using Tensor deep = _deep.Spread(once, image.Deep);
        return _again.Spread(deep, image.CoarseGates);
    }

    /// <summary>The guidance of N images, for all of their masks.</summary>
    /// <param name="Gates">Raw gates at half of the size.</param>
    /// <param name="Before">Features for the maps before the propagation.</param>
    /// <param name="After">Features for the maps after it.</param>
    /// <param name="CoarseGates">Raw gates at a quarter.</param>
    /// <param name="Coarse">Features for the maps after the first propagation at a quarter.</param>
    /// <param name="Deep">Raw gates and features at an eighth.</param>
    private sealed record ImageMaps(Tensor Gates, Tensor Before, Tensor After, Tensor CoarseGates, Tensor Coarse,
        (Tensor Gates, Tensor Features) Deep);
}
