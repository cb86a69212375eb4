namespace Spn;

/// <summary>The file formats in which a mask can be saved.</summary>
public enum MaskFormat
{
    /// <summary>PNG, grey with 8 bits. Spn reads it back as probabilities, however small its values are.</summary>
    Png,

    /// <summary>PNG, grey with 16 bits.</summary>
    Png16,

    /// <summary>WebP, lossless, 8 bits.</summary>
    Webp,

    /// <summary>JPEG, grey with 8 bits at quality 95. Lossy: hard masks get soft edges.</summary>
    Jpeg,
}
