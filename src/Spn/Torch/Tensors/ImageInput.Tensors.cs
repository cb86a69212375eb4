using System.Diagnostics.CodeAnalysis;
using Spn.Imaging;
using Spn.Torch;
using TorchSharp;

namespace Spn;

/// <content>Tensors.</content>
public sealed partial class ImageInput
{
    /// <summary>A tensor <c>[3, H, W]</c> or <c>[1, 3, H, W]</c>, RGB, floating point in 0..1 or uint8, on any device.</summary>
    /// <param name="tensor">The tensor; the caller still owns it, and it is not changed.</param>
    [return: NotNullIfNotNull(nameof(tensor))]
    public static implicit operator ImageInput?(torch.Tensor? tensor) => tensor is null ? null : new(limit => TensorPixels.OpenImage(Argument, tensor, limit));

    /// <summary>Reads the image as a refiner sees it: upright, and over white if it is transparent.</summary>
    /// <param name="pixelLimit">The maximum number of pixels, 1 to 500 million; default 100 million.</param>
    /// <returns>RGB in 0..1, <c>[1, 3, H, W]</c>, float32, on the CPU. The caller disposes it.</returns>
    /// <exception cref="ArgumentException">The limit is out of range, or a tensor of several images was given.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is not an image, or has more pixels than the limit.</exception>
    public torch.Tensor ToTensor(long pixelLimit = PixelLimit.Default)
    {
        using OpenPixels source = Open(PixelLimit.Require(pixelLimit));
        torch.Tensor planes = torch.empty(1, 3, source.Height, source.Width, dtype: torch.float32);
        source.Read(TensorPixels.SpanOf<float>(planes));
        return planes;
    }
}
