using Spn.Inference.Layers;
using Spn.Models;

namespace Spn.Inference;

/// <summary>
/// <see cref="Torch.DeepBlock"/> for inference: two propagation blocks at an eighth of the image's size, whose result is added to the maps at a
/// quarter.
/// </summary>
internal sealed class EighthScale
{
    private readonly int _gates, _outside, _inside;
    private readonly UnshuffleConvolution _guide;
    private readonly StridedConvolution _narrow;
    private readonly PropagationBlock _spread, _again;
    private readonly PointwiseConvolution _back;

    /// <param name="weights">The weights under <c>propagation.deep.</c></param>
    /// <param name="configuration">What the model is made of.</param>
    public EighthScale(Weights weights, SpnConfiguration configuration)
    {
        (_gates, _outside, _inside) = (configuration.GateMaps, 2 * configuration.MaskWidth, configuration.EighthWidth);
        _guide = new UnshuffleConvolution(ConvolutionWeights.Plain(weights.Part("guide"), GuidanceMaps, 4 * configuration.EighthMaps,
            kernel: 1));
        _narrow = new StridedConvolution(ConvolutionWeights.Normalized(weights.Part("narrow"), _inside, _outside));
        _spread = new PropagationBlock(weights.Part("spread"), configuration, _inside, 4 * configuration.Channels);
        _again = new PropagationBlock(weights.Part("again"), configuration, _inside, 4 * configuration.Channels);
        _back = new PointwiseConvolution(ConvolutionWeights.Plain(weights.Part("back"), _outside, _inside, kernel: 1));
    }

    /// <summary>Gates, then features.</summary>
    public int GuidanceMaps => _gates + _inside;

    /// <summary>The image's part, for all of its masks.</summary>
    /// <param name="workspace">What runs it.</param>
    /// <param name="maps"><c>[1, maps, 2·h, 2·w]</c>.</param>
    /// <param name="guidance">Gates and features, <c>[1, <see cref="GuidanceMaps"/>, h, w]</c>.</param>
    public void Guide(Workspace workspace, FeatureMaps maps, FeatureMaps guidance) => _guide.Run(workspace, maps, guidance);

    /// <param name="workspace">What runs it.</param>
    /// <param name="maps"><c>[K, 2·M, 2·h, 2·w]</c>, to which is added.</param>
    /// <param name="guidance">What <see cref="Guide"/> wrote.</param>
    public void Run(Workspace workspace, FeatureMaps maps, FeatureMaps guidance)
    {
        FeatureMaps gates = guidance.Slice(0, _gates), narrow = workspace.Maps(maps.Images, _inside, guidance.Height, guidance.Width);
        _narrow.Run(workspace, maps, narrow);
        _spread.Run(workspace, narrow, gates, narrow, features: guidance.Slice(_gates, _inside));
        _again.Run(workspace, narrow, gates, narrow);
        FeatureMaps back = workspace.Maps(maps.Images, _outside, guidance.Height, guidance.Width);
        _back.Run(workspace, narrow, back);
        workspace.Release(narrow);
        UpsampleAdd.Run(workspace, maps, back, maps);
        workspace.Release(back);
    }
}
