namespace Spn;

/// <summary>The order of the bytes of a raw pixel with 8 bits per channel.</summary>
public enum PixelFormat
{
    /// <summary>One byte: grey.</summary>
    Gray8,

    /// <summary>Three bytes: red, green, blue.</summary>
    Rgb24,

    /// <summary>Three bytes: blue, green, red.</summary>
    Bgr24,

    /// <summary>Four bytes: red, green, blue, and one that is ignored, because captured frames often leave it empty.</summary>
    Rgba32,

    /// <summary>Four bytes: blue, green, red, and one that is ignored, because captured frames often leave it empty.</summary>
    Bgra32,
}
