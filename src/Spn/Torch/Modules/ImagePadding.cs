using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Torch;

/// <summary>
/// Pads images of any size for networks that halve them: the image is mirrored on the right and below, and the result is cropped. A
/// mirrored image looks natural. Repeated border pixels form streaks, which never occur in training and which a network may take for
/// objects.
/// </summary>
internal static class ImagePadding
{
    /// <summary>Pads <c>[N, C, H, W]</c> to multiples of a size. The result belongs to the current scope.</summary>
    public static Tensor ToMultiple(Tensor input, long multiple) => ToMultiples(input, multiple, multiple);

    /// <summary>
    /// Pads <c>[N, C, H, W]</c> to a multiple of a height and to one of a width. The result belongs to the current scope.
    /// </summary>
    public static Tensor ToMultiples(Tensor input, long height, long width)
    {
        long right = Missing(input.shape[3], width), below = Missing(input.shape[2], height);
        if (right == 0 && below == 0)
            return input.alias();
        bool mirrors = right < input.shape[3] && below < input.shape[2]; // the mirrored part cannot be wider than the image
        return nn.functional.pad(input, (0, right, 0, below), mirrors ? PaddingModes.Reflect : PaddingModes.Replicate);
    }

    /// <summary>The top left <c>[N, C, height, width]</c> of a tensor, contiguous.</summary>
    public static Tensor Crop(Tensor input, long height, long width)
    {
        using Tensor rows = input.narrow(2, 0, height), cropped = rows.narrow(3, 0, width);
        return cropped.contiguous();
    }

    private static long Missing(long size, long multiple) => (multiple - (size % multiple)) % multiple;
}
