using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Torch;

/// <summary>Sums of maps of different images or sizes.</summary>
internal static class MapSums
{
    /// <summary>Adds an image's features to the maps of each of its masks, in place.</summary>
    /// <param name="maps"><c>[N·K, C, h, w]</c>.</param>
    /// <param name="features"><c>[N, C, h, w]</c>.</param>
    public static void AddToEach(Tensor maps, Tensor features)
    {
        long n = features.shape[0], c = features.shape[1], h = features.shape[2], w = features.shape[3];
        using Tensor each = maps.view(n, -1, c, h, w), shared = features.unsqueeze(1);
        each.add_(shared, Scalars.One);
    }

    /// <summary>Adds maps of half the size, upsampled by nearest neighbour: a decoder's skip connection.</summary>
    /// <param name="maps"><c>[N, C, 2·h, 2·w]</c>.</param>
    /// <param name="small"><c>[N, C, h, w]</c>.</param>
    /// <returns>Their sum, as large as the maps.</returns>
    public static Tensor AddUpsampled(Tensor maps, Tensor small)
        => nn.functional.interpolate(small, size: [2 * small.shape[2], 2 * small.shape[3]], mode: InterpolationMode.Nearest).add_(maps,
            Scalars.One);
}
