namespace Spn.Models;

/// <summary>Which network looks at the image.</summary>
public enum GuidanceKind
{
    /// <summary>The small symmetric encoder-decoder, <see cref="Torch.GuidanceNetwork"/> (the slides' Helen model).</summary>
    Compact,

    /// <summary>VGG16's convolutions with a symmetric decoder, <see cref="Torch.Vgg16GuidanceNetwork"/> (the slides' VOC model).</summary>
    Vgg16,
}
