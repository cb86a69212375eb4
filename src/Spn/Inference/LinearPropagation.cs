using Spn.Inference.Layers;
using Spn.Models;

namespace Spn.Inference;

/// <summary>
/// <see cref="Torch.PropagationModule"/> for inference: log-odds to hidden maps, their propagation in rounds, and a transposed convolution back.
/// </summary>
internal sealed class LinearPropagation : IPropagationNetwork
{
    private readonly int _channels, _rounds;
    private readonly Scan _scan;
    private readonly MaskStem _encode;
    private readonly MaskDecoder _decode;

    /// <param name="weights">The weights under <c>propagation.</c></param>
    /// <param name="configuration">What the model is made of.</param>
    public LinearPropagation(Weights weights, SpnConfiguration configuration)
    {
        (_channels, _rounds) = (configuration.Channels, configuration.Rounds);
        _scan = new Scan(configuration.Normalization, configuration.Merge);
        _encode = new MaskStem(ConvolutionWeights.Plain(weights.Part("encode"), _channels, 1, kernel: 4), center: 0);
        _decode = new MaskDecoder(MaskDecoder.FromTransposed(weights.Part("decode"), _channels * _scan.Results));
    }

    public int Multiple => 2;

    public bool ReadsLogits => true;

    public void Run(Workspace workspace, FeatureMaps guidance, FeatureMaps masks, FeatureMaps refined)
    {
        for (int first = 0; first < masks.Images; first += MaskPasses.MaxMasks(masks))
        {
            int count = Math.Min(MaskPasses.MaxMasks(masks), masks.Images - first);
            FeatureMaps hidden = workspace.ChannelMajor(count, _channels, guidance.Height, guidance.Width);
            _encode.Run(workspace, masks.Range(first, count), default, default, hidden);
            for (int round = 0; round < _rounds; round++)
            {
                FeatureMaps spread = workspace.ChannelMajor(count, _scan.Results * _channels, guidance.Height, guidance.Width);
                _scan.Run(workspace, hidden, guidance, spread);
                workspace.Release(hidden);
                hidden = spread;
            }
            _decode.Run(workspace, hidden, new LogitBlend(default, refined.Range(first, count), 0));
            workspace.Release(hidden);
        }
    }
}
