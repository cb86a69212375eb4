namespace Spn.Inference;

/// <summary>
/// A view of one image's float32 maps in channels-last order, <c>[H, W, C]</c>: a pixel's values lie together, so that a vector holds
/// channels and no kernel knows tails. Owns no memory.
/// </summary>
/// <param name="Data">The first pixel, at a multiple of 64 bytes.</param>
/// <param name="Height">H.</param>
/// <param name="Width">W.</param>
/// <param name="Stride">
/// Floats from pixel to pixel: C rounded up to whole <see cref="Lanes"/>. The channels that fill it up are 0, because the weights that make
/// them are.
/// </param>
internal readonly unsafe record struct PixelMaps(nint Data, int Height, int Width, int Stride)
{
    /// <summary>Channels of the widest vector.</summary>
    public const int Lanes = 16;

    /// <summary>All elements.</summary>
    public long Count => (long)Height * Width * Stride;

    /// <summary>A number of channels rounded up to whole vectors of any width.</summary>
    public static int Padded(int channels) => (channels + Lanes - 1) / Lanes * Lanes;

    /// <summary>A pixel's channels.</summary>
    public float* At(int y, int x) => (float*)Data + ((long)y * Width + x) * Stride;
}
