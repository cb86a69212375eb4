using TorchSharp;

namespace Spn.Guidance;

/// <summary>Guidance that can look at an image part by part, so that a refiner may bound its memory by tiles.</summary>
public interface ITiledGuidance : IGuidance
{
    /// <summary>64: parts begin and end at multiples of so many pixels, or at the image's border, so that networks' cells lie as in the whole image.</summary>
    const int Grid = 64;

    /// <summary>
    /// Guidance for parts of one image: what the whole image decides, such as its contrast, is decided here. Parts begin and end at multiples of
    /// <see cref="Grid"/>, or at the image's border.
    /// </summary>
    /// <param name="image">The whole image, <c>[N, 3, H, W]</c>, float32, RGB in 0..1.</param>
    /// <returns>To be used like this one, on parts <c>[N, 3, h, w]</c>; there is nothing to dispose.</returns>
    IGuidance ForPartsOf(torch.Tensor image);

    /// <summary>How many pixels around a part must be looked at with it, so that its refined masks are those of the whole image but for what cannot be seen: some grey levels of 255 in single pixels.</summary>
    /// <param name="width">W of the whole image.</param>
    /// <param name="height">H of the whole image.</param>
    int Margin(int width, int height);
}
