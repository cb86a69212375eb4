using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Refinement;

/// <summary>Brings coarse maps to the image's size.</summary>
internal static class MaskFit
{
    /// <summary>
    /// Smaller maps are interpolated bilinearly between pixel centres (half-pixel centres, edges held), larger ones averaged over areas.
    /// </summary>
    /// <param name="argument">The caller's argument, which an exception names.</param>
    /// <param name="maps"><c>[N, K, h, w]</c>.</param>
    /// <param name="image"><c>[N, 3, H, W]</c>.</param>
    /// <returns><c>[N, K, H, W]</c>.</returns>
    /// <exception cref="ArgumentException">The proportions differ by more than one coarse pixel, or the counts N differ.</exception>
    public static Tensor ToImage(string argument, Tensor maps, Tensor image)
    {
        long height = image.shape[2], width = image.shape[3], coarseHeight = maps.shape[2], coarseWidth = maps.shape[3];
        if (maps.shape[0] != image.shape[0])
            throw new ArgumentException($"{argument}: masks of {maps.shape[0]} images came; expected {image.shape[0]}, one set an image.", argument);
        if (coarseHeight == height && coarseWidth == width)
            return maps;

        // Given one side, the other may be off by one pixel of the coarse mask: networks round their output's size either way.
        if (Math.Abs(coarseWidth * height - coarseHeight * width) > Math.Max(width, height))
        {
            throw new ArgumentException(
                $"{argument}: {coarseWidth} x {coarseHeight} pixels came for an image of {width} x {height}; " +
                "expected the same proportions to within one coarse pixel.", argument);
        }
        return coarseHeight <= height && coarseWidth <= width
            ? nn.functional.interpolate(maps, [height, width], mode: InterpolationMode.Bilinear, align_corners: false)
            : nn.functional.interpolate(maps, [height, width], mode: InterpolationMode.Area);
    }
}
