using Spn.Imaging;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Refinement;

/// <summary>Brings coarse maps that are tensors to the image's size.</summary>
internal static class TensorFit
{
    /// <summary>
    /// Smaller maps are interpolated bilinearly between pixel centres (half-pixel centres, edges held), larger ones are averaged over
    /// areas.
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
        {
            throw new ArgumentException(
                $"{argument}: expected one set of masks per image ({image.shape[0]}), got {maps.shape[0]}.", argument);
        }
        if (coarseHeight == height && coarseWidth == width)
            return maps;
        MaskPlane.RequireProportions(argument, coarseWidth, coarseHeight, width, height);
        if (maps.numel() == 0)
            return maps.new_empty([maps.shape[0], maps.shape[1], height, width]);
        return coarseHeight <= height && coarseWidth <= width
            ? nn.functional.interpolate(maps, [height, width], mode: InterpolationMode.Bilinear, align_corners: false)
            : nn.functional.interpolate(maps, [height, width], mode: InterpolationMode.Area);
    }
}
