using Spn.Inference.Layers;
using Spn.Models;

namespace Spn.Inference;

/// <summary>
/// <see cref="Torch.GuidanceNetwork"/> for inference: an encoder-decoder with skip connections at 1/2, 1/4, 1/8 and 1/16 of the image's size,
/// over channels-last maps.
/// </summary>
internal sealed class CompactGuidance : IGuidanceNetwork
{
    private readonly int[] _widths;
    private readonly WinogradTiles _first;
    private readonly PixelConvolution[] _down;
    private readonly WinogradTiles[][] _encoder;
    private readonly WinogradTiles[] _decoder;
    private readonly PlanarHead _head;

    /// <param name="weights">The weights under <c>guidance.</c></param>
    /// <param name="configuration">What the model is made of.</param>
    public CompactGuidance(Weights weights, SpnConfiguration configuration)
    {
        int width = configuration.GuidanceWidth;
        _widths = [width, 3 * width, 5 * width, 8 * width];
        _first = new WinogradTiles(Block("encoder.0.0", width, 12));
        _down = [.. Enumerable.Range(1, 3).Select(level
            => new PixelConvolution(Block($"encoder.{level}.0", _widths[level], _widths[level - 1]), stride: 2))];
        _encoder =
        [
            .. Enumerable.Range(0, 3).Select(level
                => new[] { new WinogradTiles(Block($"encoder.{level}.1", _widths[level], _widths[level])) }),
            [new(Block("encoder.3.1", _widths[3], _widths[3]), dilation: 2),
                new(Block("encoder.3.2", _widths[3], _widths[3]), dilation: 4)],
        ];
        _decoder = [.. Enumerable.Range(0, 4).Select(level
            => new WinogradTiles(Block($"decoder.{level}", _widths[Math.Max(level - 1, 0)], _widths[level])))];
        _head = new PlanarHead(ConvolutionWeights.Plain(weights.Part("head"), configuration.GuidanceMaps, width, kernel: 1));

        ConvolutionWeights Block(string name, int outputs, int inputs)
            => ConvolutionWeights.Normalized(weights.Part(name), outputs, inputs);
    }

    public void Run(Workspace workspace, FeatureMaps image, Padding padding, FeatureMaps guidance)
    {
        int height = padding.Height / 2, width = padding.Width / 2;
        PixelMaps pixels = workspace.Pixels(height, width, 12);
        ImagePixels.Unshuffle(workspace, image, padding, pixels);
        PixelMaps first = workspace.Pixels(height, width, _widths[0]);
        _first.Run(workspace, pixels, first);
        workspace.Release(pixels);
        PixelMaps features = Level(workspace, 0, first);
        _head.Run(workspace, features, guidance);
        workspace.Release(features);
    }

    /// <summary>
    /// A level's other encoder blocks, all levels below it, and its decoder block. Takes the input over and returns maps that the caller
    /// releases.
    /// </summary>
    private PixelMaps Level(Workspace workspace, int level, PixelMaps x)
    {
        foreach (WinogradTiles block in _encoder[level])
        {
            PixelMaps read = x;
            x = workspace.Pixels(read.Height, read.Width, _widths[level]);
            block.Run(workspace, read, x);
            workspace.Release(read);
        }
        if (level + 1 < _widths.Length)
        {
            PixelMaps half = workspace.Pixels((x.Height + 1) / 2, (x.Width + 1) / 2, _widths[level + 1]);
            _down[level].Run(workspace, x, half);
            PixelMaps below = Level(workspace, level + 1, half);
            UpsampleAdd.Run(workspace, x, below);
            workspace.Release(below);
        }
        PixelMaps decoded = workspace.Pixels(x.Height, x.Width, _widths[Math.Max(level - 1, 0)]);
        _decoder[level].Run(workspace, x, decoded);
        workspace.Release(x);
        return decoded;
    }
}
