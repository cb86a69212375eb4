namespace Spn.Guidance;

/// <summary>Which network looks at the image.</summary>
public enum GuidanceKind
{
    /// <summary>The small symmetric encoder-decoder, <see cref="GuidanceNetwork"/> (the slides' Helen model).</summary>
    Compact,

    /// <summary>VGG16's convolutions with a symmetric decoder, <see cref="Vgg16GuidanceNetwork"/> (the slides' VOC model).</summary>
    Vgg16,
}
