using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Segmentation.Torch.Layers;

/// <summary>What the networks share: the check of the image, ImageNet's normalization, and bilinear interpolation.</summary>
internal static class Images
{
    // What torchvision's ImageNet weights were trained with, RGB.
    private static readonly float[] s_mean = [0.485f, 0.456f, 0.406f];
    private static readonly float[] s_deviation = [0.229f, 0.224f, 0.225f];

    /// <exception cref="ArgumentException">The tensor is not a float image.</exception>
    public static void Require(Tensor image, long channels = 3)
    {
        ArgumentNullException.ThrowIfNull(image);
        long[] shape = image.shape;
        if (shape.Length != 4 || shape[1] != channels || shape.Contains(0) || image.dtype != ScalarType.Float32)
        {
            throw new ArgumentException(
                $"The image is {image.dtype} [{string.Join(", ", shape)}], expected Float32 [N, {channels}, H, W].", nameof(image));
        }
    }

    /// <summary>The first image channels with ImageNet's mean 0 and deviation 1.</summary>
    public static Tensor Normalize(Tensor image)
    {
        using Tensor mean = tensor(s_mean, device: image.device).view(1, 3, 1, 1);
        using Tensor deviation = tensor(s_deviation, device: image.device).view(1, 3, 1, 1);
        return image.sub(mean).div_(deviation);
    }

    /// <summary>Interpolates bilinearly, with pixel centres at half-integers.</summary>
    public static Tensor Resize(Tensor maps, long height, long width)
        => maps.shape[2] == height && maps.shape[3] == width
            ? maps.alias()
            : nn.functional.interpolate(maps, size: [height, width], mode: InterpolationMode.Bilinear, align_corners: false);

    /// <summary>Channels divided by the width divisor, at least one.</summary>
    public static long Narrow(long channels, int widthDivisor) => Math.Max(1, channels / widthDivisor);

    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public static void RequireNetwork(int classes, int widthDivisor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(widthDivisor, 1);
    }
}
