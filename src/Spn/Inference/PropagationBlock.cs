using System.Runtime.InteropServices;
using Spn.Inference.Layers;
using Spn.Models;

namespace Spn.Inference;

/// <summary>
/// <see cref="Torch.SpreadBlock"/> for inference: a 1x1 convolution to hidden maps, their propagation in four directions, and a 1x1 convolution
/// that mixes these, with the input added and a ReLU.
/// </summary>
internal sealed unsafe class PropagationBlock
{
    private readonly int _channels;
    private readonly bool _scans;
    private readonly Scan _scan;
    private readonly PointwiseConvolution _hidden, _mix;

    /// <param name="weights">The weights of the block.</param>
    /// <param name="configuration">Normalisation, and whether to propagate at all.</param>
    /// <param name="width">Maps that come in and go out.</param>
    /// <param name="channels">Hidden maps.</param>
    public PropagationBlock(Weights weights, SpnConfiguration configuration, int width, int channels)
    {
        (_channels, _scans, _scan) = (channels, !configuration.WithoutPropagation,
            new Scan(configuration.Normalization, configuration.Merge));
        _hidden = new PointwiseConvolution(ConvolutionWeights.Plain(weights.Part("hidden"), channels, width, kernel: 1));
        _mix = new PointwiseConvolution(ConvolutionWeights.Plain(weights.Part("mix"), width, 4 * channels, kernel: 1));
    }

    /// <param name="workspace">What runs it.</param>
    /// <param name="maps"><c>[K, width, h, w]</c>.</param>
    /// <param name="gates">Raw guidance of the image, <c>[1, 12·G, h, w]</c>.</param>
    /// <param name="output"><c>[K, width, h, w]</c>; may be the input.</param>
    /// <param name="encoded">Added to the hidden maps, <c>[K, channels, h, w]</c>, or none.</param>
    /// <param name="features">Of the image, added before the ReLU, <c>[1, width, h, w]</c>, or none.</param>
    public void Run(Workspace workspace, FeatureMaps maps, FeatureMaps gates, FeatureMaps output, FeatureMaps encoded = default,
        FeatureMaps features = default)
    {
        FeatureMaps hidden = workspace.ChannelMajor(maps.Images, _channels, maps.Height, maps.Width);
        _hidden.Run(workspace, maps, hidden, own: encoded);
        FeatureMaps spread = workspace.ChannelMajor(maps.Images, 4 * _channels, maps.Height, maps.Width);
        if (_scans)
            _scan.Run(workspace, hidden, gates, spread);
        else if (!workspace.IsPlanning)
            Repeat(hidden, spread);
        workspace.Release(hidden);
        _mix.Run(workspace, spread, output, own: maps, shared: features, relu: true);
        workspace.Release(spread);
    }

    private static void Repeat(FeatureMaps hidden, FeatureMaps spread)
    {
        for (int direction = 0; direction < 4; direction++)
            NativeMemory.Copy(hidden.Data, spread.Data + direction * hidden.Count, (nuint)hidden.Count * sizeof(float));
    }
}
