using Spn.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Spn.Torch;

/// <summary>What both guidance networks share: the check of the input, and the 1x1 convolution to guidance maps.</summary>
internal static class GuidanceHead
{
    /// <summary>
    /// Creates the convolution. Gates start with small weights and the bias of the configuration, so that an untrained model hardly changes
    /// a mask. Features start as usual.
    /// </summary>
    public static Conv2d Create(long input, SpnConfiguration configuration)
    {
        Conv2d head = nn.Conv2d(input, configuration.GuidanceMaps, 1);
        using var noGrad = no_grad();
        using Tensor weight = head.weight.narrow(0, 0, configuration.GateMaps), bias = head.bias!.narrow(0, 0, configuration.GateMaps);
        nn.init.normal_(weight, std: 0.02);
        nn.init.normal_(bias, configuration.InitialGuidance, 0.02);
        return head;
    }

    /// <summary>Features at half resolution → guidance maps at half of the image's size.</summary>
    public static Tensor Apply(Conv2d head, Tensor features, Tensor image)
    {
        using Tensor cropped = ImagePadding.Crop(features, (image.shape[2] + 1) / 2, (image.shape[3] + 1) / 2);
        return head.forward(cropped);
    }

    /// <exception cref="ArgumentException">The tensor is not a float32 image.</exception>
    public static void RequireImage(Tensor image)
    {
        ArgumentNullException.ThrowIfNull(image);
        long[] shape = image.shape;
        if (shape.Length != 4 || shape[1] != 3 || shape.Contains(0) || image.dtype != ScalarType.Float32)
            throw new ArgumentException($"The image is {image.dtype} [{string.Join(", ", shape)}], expected Float32 [N, 3, H, W].",
                nameof(image));
    }
}
