using Spn.Native;
using Spn.Propagation;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Spn.Guidance;

/// <summary>
/// The learned refiner's propagation module. A small network reads the mask together with features of the image and adds to the slides' linear
/// encoding; the hidden maps propagate once in four directions, which stay apart; a second network mixes them, sees the image again, and
/// gives every pixel new log-odds and the share of the old ones to keep.
/// </summary>
/// <remarks>
/// <para>
/// refined = keep · s · odds(mask) + (1 - keep) · new, with s learned (<see cref="MaskOdds"/>). The image's features come ready-made with the gates, from the guidance network's 1x1
/// convolution, and are added before a ReLU: the same as a convolution over mask and image together, but for the image's part done once
/// for all masks. Untrained, keep is 0.88 and new near 0, so a mask passes nearly unchanged.
/// </para>
/// <para>
/// Names: <c>look.*</c> and <c>encode.*</c> (4x4, stride 2), <c>reader.*</c> (<see cref="MaskReader"/>), <c>hidden.*</c> and <c>mix.*</c>
/// (1x1), <c>smooth.*</c> (a <see cref="ConvBlock"/>), <c>decode.*</c> (3x3 to the 2x2 pixels that each stands for: a transposed convolution
/// of stride 2, but faster), <c>scale</c>.
/// </para>
/// </remarks>
public sealed class ResidualPropagationModule : nn.Module<Tensor, Tensor, Tensor>
{
    private const float InitialKeep = 2; // log-odds

    private readonly SpnConfiguration _configuration;
    [ComponentName(Name = "look")] private readonly Conv2d _look;
    [ComponentName(Name = "reader")] private readonly MaskReader _reader;
    [ComponentName(Name = "encode")] private readonly Conv2d _encode;
    [ComponentName(Name = "hidden")] private readonly Conv2d _hidden;
    [ComponentName(Name = "mix")] private readonly Conv2d _mix;
    [ComponentName(Name = "smooth")] private readonly ConvBlock _smooth;
    [ComponentName(Name = "decode")] private readonly Conv2d _decode;
    [ComponentName(Name = "scale")] private readonly Parameter _scale;

    /// <summary>Makes an untrained module.</summary>
    /// <param name="configuration">C, G, normalisation and the mask networks' width.</param>
    public ResidualPropagationModule(SpnConfiguration configuration)
        : base(nameof(ResidualPropagationModule))
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration.Validate();
        _configuration = configuration;
        int width = configuration.MaskWidth, channels = configuration.Channels;
        _look = nn.Conv2d(1, width, 4, stride: 2, padding: 1);
        _reader = new MaskReader(width);
        _encode = nn.Conv2d(1, channels, 4, stride: 2, padding: 1, bias: false);
        _hidden = nn.Conv2d(width, channels, 1);
        _mix = nn.Conv2d(4 * channels, width, 1);
        _smooth = new ConvBlock(width, width);
        _decode = nn.Conv2d(width, 8, 3, padding: 1);
        _scale = new Parameter(ones(1));
        _scale.DetachFromDisposeScope();
        PropagationModule.PassThrough(_encode.weight, 1);
        nn.init.normal_(_decode.weight, std: 0.02);
        using (no_grad())
        using (Tensor start = tensor([0, 0, 0, 0, InitialKeep, InitialKeep, InitialKeep, InitialKeep]))
            _decode.bias!.copy_(start);
        RegisterComponents();
    }

    /// <summary>The propagation pass.</summary>
    /// <param name="guidance">Gates, then features of the image, <c>[N, 12·G + 2·M, ⌈H/2⌉, ⌈W/2⌉]</c>.</param>
    /// <param name="masks"><c>[N, K, H, W]</c>, float32 in 0..1, K independent masks of any size.</param>
    /// <returns>The refined masks' log-odds <c>[N, K, H, W]</c>; their sigmoid is the probability.</returns>
    public override Tensor forward(Tensor guidance, Tensor masks)
    {
        SharedGates.Require(guidance, masks, _configuration.GuidanceMaps);
        long height = masks.shape[2], width = masks.shape[3];
        using DisposeScope scope = NewDisposeScope();
        Tensor even = ImagePadding.ToMultiple(masks, 2);
        return ImagePadding.Crop(SharedGates.InPasses(even, part => Refine(guidance, part)), height, width).MoveToOuterDisposeScope();
    }

    /// <summary>Some masks of the images. Every map goes once it has been read: inference then works in little memory, much of it still in the caches.</summary>
    private Tensor Refine(Tensor guidance, Tensor masks)
    {
        long gateMaps = _configuration.GateMaps, width = _configuration.MaskWidth;
        using Tensor gates = guidance.narrow(1, 0, gateMaps);
        using Tensor before = guidance.narrow(1, gateMaps, width), after = guidance.narrow(1, gateMaps + width, width);
        using Tensor mask = masks.reshape(-1, 1, masks.shape[2], masks.shape[3]), signed = mask.sub(Scalars.Half);
        using Tensor read = Read(signed, before), mixed = Mix(signed, read, gates, after), decoded = _decode.forward(mixed);
        using Tensor refined = MaskOdds.Refine(decoded, mask, _scale);
        return refined.view(masks.shape);
    }

    private Tensor Read(Tensor signed, Tensor features)
    {
        using Tensor seen = _look.forward(signed);
        PointwiseConvolution.AddToEach(seen, features);
        seen.relu_();
        return _reader.forward(seen);
    }

    private Tensor Mix(Tensor signed, Tensor read, Tensor gates, Tensor features)
    {
        using Tensor spread = Spread(signed, read, gates), mixed = PointwiseConvolution.Forward(_mix, spread, read, features, relu: true);
        return MaskReader.AddTo(_smooth.forward(mixed), mixed);
    }

    private Tensor Spread(Tensor signed, Tensor read, Tensor gates)
    {
        using Tensor encoded = _encode.forward(signed), hidden = PointwiseConvolution.Forward(_hidden, read, encoded);
        return Propagate(hidden, gates);
    }

    private Tensor Propagate(Tensor hidden, Tensor gates)
        => _configuration.WithoutPropagation
            ? hidden.repeat(1, 4, 1, 1)
            : SharedGates.Propagate(hidden, gates, hidden.shape[0] / gates.shape[0], _configuration.PropagationOptions);
}
