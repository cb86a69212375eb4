using Spn.Models;
using Spn.Propagation;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Spn.Torch;

/// <summary>
/// The slides' propagation module: mask → 4x4 stride-2 convolution to C hidden maps → four-direction propagation → 4x4 stride-2 transposed
/// convolution → refined mask. It works on log-odds, so its input is bounded and its output needs no clamp.
/// </summary>
/// <remarks>
/// <para>Parameter names: <c>encode.weight</c> <c>[C, 1, 4, 4]</c>, <c>encode.bias</c>, <c>decode.weight</c> <c>[C, 1, 4, 4]</c> (<c>[4·C,
/// …]</c> if the directions are not merged), <c>decode.bias</c>.</para>
/// <para>Untrained and with gates of 0, it returns the mask unchanged: map c holds pixel c mod 4 of each 2x2 block. Every second group of
/// four maps is negated, so that a node-wise maximum favours neither side.</para>
/// </remarks>
public sealed class PropagationModule : nn.Module<Tensor, Tensor, Tensor>
{
    private readonly PropagationOptions _options;
    private readonly int _guidanceMaps;
    [ComponentName(Name = "encode")] private readonly Conv2d _encode;
    [ComponentName(Name = "decode")] private readonly ConvTranspose2d _decode;

    /// <summary>Creates an untrained module.</summary>
    /// <param name="configuration">Supplies C, G, the rounds, the normalisation and the merge.</param>
    /// <param name="connection">
    /// Default <see cref="GateConnection.ThreeWay"/>, as in all model files. A one-way module reads 4·G guidance maps instead of 12·G.
    /// </param>
    public PropagationModule(SpnConfiguration configuration, GateConnection connection = GateConnection.ThreeWay)
        : base(nameof(PropagationModule))
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration.Validate();
        _options = configuration.PropagationOptions with { Connection = connection };
        _guidanceMaps = configuration.GuidanceMaps * (int)connection / (int)GateConnection.ThreeWay;
        _encode = nn.Conv2d(1, configuration.Channels, 4, stride: 2, padding: 1);
        _decode = nn.ConvTranspose2d(configuration.Channels * SharedGates.Results(configuration.Merge), 1, 4, stride: 2, padding: 1);
        PassThrough(_encode.weight, 1);
        PassThrough(_decode.weight, 4f / (configuration.Channels * SharedGates.Results(configuration.Merge)));
        nn.init.zeros_(_encode.bias!);
        nn.init.zeros_(_decode.bias!);
        RegisterComponents();
    }

    /// <summary>The propagation pass. The gates are shared by an image's K masks and never copied.</summary>
    /// <param name="guidance">Raw guidance of the image, <c>[N, 12·G, ⌈H/2⌉, ⌈W/2⌉]</c>.</param>
    /// <param name="masks"><c>[N, K, H, W]</c>, float32 in 0..1, K independent masks of any size.</param>
    /// <returns>The refined masks' log-odds <c>[N, K, H, W]</c>; their sigmoid is the probability.</returns>
    public override Tensor forward(Tensor guidance, Tensor masks)
    {
        SharedGates.Require(guidance, masks, _guidanceMaps);
        long height = masks.shape[2], width = masks.shape[3];
        using DisposeScope scope = NewDisposeScope();
        Tensor odds = ImagePadding.ToMultiple(masks.logit(LogitBlend.Epsilon), 2);
        return ImagePadding.Crop(SharedGates.InPasses(odds, part => Refine(guidance, part)), height, width).MoveToOuterDisposeScope();
    }

    private Tensor Refine(Tensor guidance, Tensor odds)
    {
        long n = odds.shape[0], k = odds.shape[1];
        using Tensor each = odds.reshape(n * k, 1, odds.shape[2], odds.shape[3]),
            hidden = PaddedConvolution.Forward(each, _encode.weight, _encode.bias, stride: 2);
        using Tensor spread = SharedGates.Propagate(hidden, guidance, k, _options), decoded = _decode.forward(spread);
        return decoded.view(odds.shape);
    }

    /// <summary>A 4x4 kernel that takes pixel c mod 4 of each 2x2 block to map c, or back.</summary>
    internal static void PassThrough(Tensor weight, float scale)
    {
        float[] kernel = new float[weight.numel()];
        for (int map = 0; map < weight.shape[0]; map++)
        {
            (int row, int column) = (map % 4 / 2, map % 2);
            float sign = map / 4 % 2 == 0 ? 1 : -1;
            kernel[(map * 16) + (4 * (1 + row)) + 1 + column] = sign * scale;
        }

        using var noGrad = no_grad();
        using Tensor values = tensor(kernel, weight.shape);
        weight.copy_(values);
    }
}
