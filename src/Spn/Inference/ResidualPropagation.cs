using Spn.Inference.Layers;
using Spn.Models;

namespace Spn.Inference;

/// <summary>
/// <see cref="Torch.ResidualPropagationModule"/> for inference. Planes throughout: the first convolution sees the mask and the image's features,
/// hidden maps propagate at a quarter, with three scales at an eighth, and at half of the image's size, and the last convolution's log-odds
/// are blended with the mask's own.
/// </summary>
internal sealed class ResidualPropagation : IPropagationNetwork
{
    private readonly SpnConfiguration _configuration;
    private readonly float _scale;
    private readonly MaskStem _stem;
    private readonly UnshuffleConvolution _quarter;
    private readonly StridedConvolution _down;
    private readonly PropagationBlock _coarse, _again, _fine;
    private readonly EighthScale? _deep;
    private readonly WinogradConvolution _up, _smooth;
    private readonly MaskDecoder _decode;

    /// <param name="weights">The weights under <c>propagation.</c></param>
    /// <param name="configuration">What the model is made of.</param>
    public ResidualPropagation(Weights weights, SpnConfiguration configuration)
    {
        _configuration = configuration;
        int width = configuration.MaskWidth, channels = configuration.Channels;
        int quarter = configuration.GateMaps + 2 * width + configuration.EighthMaps;
        _stem = new MaskStem(ConvolutionWeights.Plain(weights.Part("look"), width + channels, 1, kernel: 4), center: 0.5f);
        _quarter = new UnshuffleConvolution(ConvolutionWeights.Plain(weights.Part("quarter"), quarter, 4 * configuration.QuarterMaps,
            kernel: 1));
        _down = new StridedConvolution(ConvolutionWeights.Normalized(weights.Part("down"), 2 * width, width));
        _coarse = new PropagationBlock(weights.Part("coarse"), configuration, 2 * width, 2 * channels);
        _again = new PropagationBlock(weights.Part("again"), configuration, 2 * width, 2 * channels);
        _deep = configuration.Scales > 2 ? new EighthScale(weights.Part("deep"), configuration) : null;
        _up = new WinogradConvolution(ConvolutionWeights.Normalized(weights.Part("up"), width, 2 * width));
        _fine = new PropagationBlock(weights.Part("fine"), configuration, width, channels);
        _smooth = new WinogradConvolution(ConvolutionWeights.Normalized(weights.Part("smooth"), width, width));
        _decode = new MaskDecoder(ConvolutionWeights.Plain(weights.Part("decode"), 8, width, kernel: 3));
        _scale = weights.Read("scale", 1)[0];
    }

    public int Multiple => 1 << _configuration.Scales;

    public bool ReadsLogits => false;

    public void Run(Workspace workspace, FeatureMaps guidance, FeatureMaps masks, FeatureMaps refined)
    {
        int gates = _configuration.GateMaps, width = _configuration.MaskWidth, read = _configuration.QuarterMaps;
        int eighthMaps = _configuration.EighthMaps, quarterMaps = gates + 2 * width + eighthMaps;
        FeatureMaps quarter = workspace.Maps(1, quarterMaps, guidance.Height / 2, guidance.Width / 2);
        _quarter.Run(workspace, guidance.Slice(gates, read), quarter);
        FeatureMaps eighth = default;
        if (_deep is not null)
        {
            eighth = workspace.Maps(1, _deep.GuidanceMaps, guidance.Height / 4, guidance.Width / 4);
            _deep.Guide(workspace, quarter.Slice(gates + 2 * width, eighthMaps), eighth);
        }
        for (int first = 0; first < masks.Images; first += MaskPasses.MaxMasks(masks))
        {
            int count = Math.Min(MaskPasses.MaxMasks(masks), masks.Images - first);
            Refine(workspace, guidance, quarter, eighth, masks.Range(first, count), refined.Range(first, count));
        }
        if (_deep is not null)
            workspace.Release(eighth);
        workspace.Release(quarter);
    }

    /// <summary>Some masks of the image.</summary>
    private void Refine(Workspace workspace, FeatureMaps guidance, FeatureMaps quarter, FeatureMaps eighth, FeatureMaps masks,
        FeatureMaps refined)
    {
        int gates = _configuration.GateMaps, width = _configuration.MaskWidth, k = masks.Images, h = guidance.Height, w = guidance.Width;
        FeatureMaps before = guidance.Slice(gates + _configuration.QuarterMaps, width),
            after = guidance.Slice(gates + _configuration.QuarterMaps + width, width);
        FeatureMaps seen = workspace.Maps(k, width, h, w), encoded = workspace.Maps(k, _configuration.Channels, h, w);
        _stem.Run(workspace, masks, before, seen, encoded);

        FeatureMaps coarse = workspace.Maps(k, 2 * width, h / 2, w / 2), coarseGates = quarter.Slice(0, gates);
        _down.Run(workspace, seen, coarse);
        _coarse.Run(workspace, coarse, coarseGates, coarse, features: quarter.Slice(gates, 2 * width));
        _deep?.Run(workspace, coarse, eighth);
        _again.Run(workspace, coarse, coarseGates, coarse);

        FeatureMaps back = workspace.Maps(k, width, h / 2, w / 2);
        _up.Run(workspace, coarse, back);
        workspace.Release(coarse);
        UpsampleAdd.Run(workspace, seen, back, seen);
        workspace.Release(back);
        _fine.Run(workspace, seen, guidance.Slice(0, gates), seen, encoded, after);
        workspace.Release(encoded);

        FeatureMaps mixed = workspace.Maps(k, width, h, w);
        _smooth.Run(workspace, seen, mixed, added: seen);
        workspace.Release(seen);
        _decode.Run(workspace, mixed, new LogitBlend(masks, refined, _scale));
        workspace.Release(mixed);
    }
}
