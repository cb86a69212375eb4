using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Guidance;

/// <summary>Any image size for networks that halve it: border pixels are repeated to the right and below, and the result is cropped.</summary>
internal static class ImagePadding
{
    /// <summary>Pads <c>[N, C, H, W]</c> to multiples of a size. The result belongs to the current scope.</summary>
    public static Tensor ToMultiple(Tensor input, long multiple)
    {
        long right = Missing(input.shape[3], multiple), below = Missing(input.shape[2], multiple);
        return right == 0 && below == 0
            ? input.alias()
            : nn.functional.pad(input, (0, right, 0, below), PaddingModes.Replicate);
    }

    /// <summary>The top left <c>[N, C, height, width]</c> of a tensor, contiguous.</summary>
    public static Tensor Crop(Tensor input, long height, long width)
        => input.narrow(2, 0, height).narrow(3, 0, width).contiguous();

    private static long Missing(long size, long multiple) => (multiple - (size % multiple)) % multiple;
}
