using Spn.Propagation;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Spn.Guidance;

/// <summary>
/// The slides' propagation module: mask → 4x4 stride-2 convolution to C hidden maps → four-direction propagation → 4x4 stride-2 transposed
/// convolution → refined mask. It works on log-odds, so its input is bounded and its output needs no clamp.
/// </summary>
/// <remarks>
/// <para>Names: <c>encode.weight</c> <c>[C, 1, 4, 4]</c>, <c>encode.bias</c>, <c>decode.weight</c> <c>[C, 1, 4, 4]</c> (<c>[4·C, …]</c> where the
/// directions are not merged), <c>decode.bias</c>.</para>
/// <para>Untrained it passes the mask through unchanged where gates are zero: map c holds pixel c mod 4 of each 2x2 block, every second four
/// of them negated, so that a node-wise maximum favours neither side.</para>
/// </remarks>
public sealed class PropagationModule : nn.Module<Tensor, Tensor, Tensor>
{
    /// <summary>The mask is clamped to [Epsilon, 1 - Epsilon] before its log-odds are taken: ±4.6 at most.</summary>
    internal const double Epsilon = 0.01;

    /// <summary>Masks that propagate together: enough to read the gates seldom, few enough for 21 classes not to need all their hidden maps at once.</summary>
    private const int MasksPerPass = 8;

    private readonly SpnConfiguration _configuration;
    private readonly PropagationOptions _options;
    [ComponentName(Name = "encode")] private readonly Conv2d _encode;
    [ComponentName(Name = "decode")] private readonly ConvTranspose2d _decode;

    /// <summary>Makes an untrained module.</summary>
    /// <param name="configuration">C, G, rounds, normalisation and merge.</param>
    public PropagationModule(SpnConfiguration configuration)
        : base(nameof(PropagationModule))
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration.Validate();
        _configuration = configuration;
        _options = configuration.PropagationOptions;
        _encode = nn.Conv2d(1, configuration.Channels, 4, stride: 2, padding: 1);
        _decode = nn.ConvTranspose2d(configuration.Channels * Results, 1, 4, stride: 2, padding: 1);
        PassThrough(_encode.weight, _encode.bias!, 1);
        PassThrough(_decode.weight, _decode.bias!, 4f / (configuration.Channels * Results));
        RegisterComponents();
    }

    /// <summary>Maps that come out of the propagation for one that goes in.</summary>
    private int Results => _configuration.Merge == DirectionMerge.None ? 4 : 1;

    /// <summary>The propagation pass. The gates are shared by an image's K masks and never copied.</summary>
    /// <param name="guidance">Raw guidance of the image, <c>[N, 12·G, ⌈H/2⌉, ⌈W/2⌉]</c>.</param>
    /// <param name="masks"><c>[N, K, H, W]</c>, float32 in 0..1, K independent masks of any size.</param>
    /// <returns>The refined masks' log-odds <c>[N, K, H, W]</c>; their sigmoid is the probability.</returns>
    public override Tensor forward(Tensor guidance, Tensor masks)
    {
        Require(guidance, masks);
        long height = masks.shape[2], width = masks.shape[3];
        using DisposeScope scope = NewDisposeScope();
        Tensor odds = ImagePadding.ToMultiple(masks.logit(Epsilon), 2);
        Tensor[] refined = [.. odds.split(MasksPerPass, dim: 1).Select(part => Refine(guidance, part))];
        return ImagePadding.Crop(refined.Length == 1 ? refined[0] : cat(refined, 1), height, width).MoveToOuterDisposeScope();
    }

    private Tensor Refine(Tensor guidance, Tensor odds)
    {
        long n = odds.shape[0], k = odds.shape[1], c = _configuration.Channels;
        Tensor hidden = _encode.forward(odds.reshape(n * k, 1, odds.shape[2], odds.shape[3]));
        long h = hidden.shape[2], w = hidden.shape[3];

        // Channel-major, so that the K copies of a map lie side by side and read one gate as a group.
        Tensor grouped = hidden.view(n, k, c, h, w).transpose(1, 2).reshape(n, c * k, h, w);
        Tensor spread = SpatialPropagation.Propagate(grouped, guidance, _options);
        Tensor split = spread.view(n, Results, c, k, h, w).permute(0, 3, 1, 2, 4, 5).reshape(n * k, Results * c, h, w);
        return _decode.forward(split).view(n, k, 2 * h, 2 * w);
    }

    private static void PassThrough(Parameter weight, Parameter bias, float scale)
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
        nn.init.zeros_(bias);
    }

    private void Require(Tensor guidance, Tensor masks)
    {
        ArgumentNullException.ThrowIfNull(guidance);
        ArgumentNullException.ThrowIfNull(masks);
        long[] mask = masks.shape, gates = guidance.shape;
        if (mask.Length != 4 || mask.Contains(0) || masks.dtype != ScalarType.Float32)
            throw new ArgumentException($"The masks are {masks.dtype} [{string.Join(", ", mask)}], expected Float32 [N, K, H, W].", nameof(masks));
        long[] expected = [mask[0], _configuration.GuidanceMaps, (mask[2] + 1) / 2, (mask[3] + 1) / 2];
        if (!gates.SequenceEqual(expected))
        {
            throw new ArgumentException(
                $"The guidance is [{string.Join(", ", gates)}]; masks [{string.Join(", ", mask)}] need [{string.Join(", ", expected)}].",
                nameof(guidance));
        }
    }
}
