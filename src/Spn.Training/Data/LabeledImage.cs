namespace Spn.Training;

/// <summary>
/// An image with its true mask, from a procedural scene or a dataset. Cropped, corrupted and batched, it becomes a training sample.
/// </summary>
/// <param name="Width">The number of columns.</param>
/// <param name="Height">The number of rows.</param>
/// <param name="Rgb">The image <c>[H, W, 3]</c>, RGB in row-major order.</param>
/// <param name="Mask">
/// The coverage of the object <c>[H, W]</c>: 0 outside, 255 inside, and values in between on an antialiased border.
/// </param>
/// <param name="Ignored"><c>[H, W]</c>: 255 where the mask is unknown and no loss is computed; null if all of it is known.</param>
/// <param name="RealMasks">
/// Coarse masks of this image that real networks produced, each the probability of the object <c>[H, W]</c> in 0..255; null or empty if
/// there are none.
/// </param>
public sealed record LabeledImage(
    int Width, int Height, byte[] Rgb, byte[] Mask, byte[]? Ignored = null, IReadOnlyList<byte[]>? RealMasks = null);
