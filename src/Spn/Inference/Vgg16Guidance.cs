using Spn.Inference.Layers;
using Spn.Models;

namespace Spn.Inference;

/// <summary>
/// <see cref="Torch.Vgg16GuidanceNetwork"/> for inference: VGG16 from conv1 to pool5 and a decoder with skip connections, over channels-last
/// maps.
/// </summary>
internal sealed class Vgg16Guidance : IGuidanceNetwork
{
    private static readonly (int Width, int Convolutions)[] s_stages = [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)];

    // What torchvision's ImageNet weights were trained with, RGB.
    private static readonly float[] s_mean = [0.485f, 0.456f, 0.406f];
    private static readonly float[] s_deviation = [0.229f, 0.224f, 0.225f];

    private readonly WinogradTiles[][] _stages;
    private readonly WinogradTiles[] _decoder;
    private readonly PlanarHead _head;

    /// <param name="weights">The weights under <c>guidance.</c></param>
    /// <param name="configuration">What the model is made of.</param>
    public Vgg16Guidance(Weights weights, SpnConfiguration configuration)
    {
        _stages = new WinogradTiles[s_stages.Length][];
        int inputs = 3, number = 0;
        for (int stage = 0; stage < _stages.Length; stage++, number++)
        {
            (int width, int convolutions) = s_stages[stage];
            _stages[stage] = new WinogradTiles[convolutions];
            for (int i = 0; i < convolutions; i++, number += 2, inputs = width)
                _stages[stage][i] = new WinogradTiles(ConvolutionWeights.Plain(weights.Part($"features.{number}"), width, inputs,
                    kernel: 3));
        }
        _decoder = [.. Enumerable.Range(0, 4).Select(Decoder)];
        _head = new PlanarHead(ConvolutionWeights.Plain(weights.Part("head"), configuration.GuidanceMaps, s_stages[0].Width, kernel: 1));

        WinogradTiles Decoder(int level)
            => new(ConvolutionWeights.Normalized(weights.Part($"decoder.{level}"), s_stages[level].Width, s_stages[level + 1].Width));
    }

    public void Run(Workspace workspace, FeatureMaps image, Padding padding, FeatureMaps guidance)
    {
        PixelMaps pixels = workspace.Pixels(padding.Height, padding.Width, 3);
        ImagePixels.Normalize(workspace, image, padding, pixels, s_mean, s_deviation);
        PixelMaps full = Stage(workspace, 0, pixels), half = Pool(workspace, full);
        workspace.Release(full);
        PixelMaps features = Level(workspace, 1, half);
        _head.Run(workspace, features, guidance);
        workspace.Release(features);
    }

    /// <summary>
    /// A stage from 1/2 on, all stages below it, and its decoder block. Takes the input over and returns maps that the caller releases.
    /// </summary>
    private PixelMaps Level(Workspace workspace, int stage, PixelMaps input)
    {
        PixelMaps x = Stage(workspace, stage, input), below = Pool(workspace, x);
        if (stage + 1 < _stages.Length)
            below = Level(workspace, stage + 1, below);
        UpsampleAdd.Run(workspace, x, below);
        workspace.Release(below);
        PixelMaps decoded = workspace.Pixels(x.Height, x.Width, s_stages[stage - 1].Width);
        _decoder[stage - 1].Run(workspace, x, decoded);
        workspace.Release(x);
        return decoded;
    }

    private PixelMaps Stage(Workspace workspace, int stage, PixelMaps x)
    {
        foreach (WinogradTiles convolution in _stages[stage])
        {
            PixelMaps read = x;
            x = workspace.Pixels(read.Height, read.Width, s_stages[stage].Width);
            convolution.Run(workspace, read, x);
            workspace.Release(read);
        }
        return x;
    }

    private static PixelMaps Pool(Workspace workspace, PixelMaps x)
    {
        PixelMaps pooled = workspace.Pixels(x.Height / 2, x.Width / 2, x.Stride);
        MaxPool.Run(workspace, x, pooled);
        return pooled;
    }
}
