namespace Spn.Training;

/// <summary>An image with its true mask, as a procedural scene or a reader of photos gives it. Cropped, corrupted and batched it becomes a training sample.</summary>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Rgb">The image <c>[H, W, 3]</c>, row by row.</param>
/// <param name="Mask">The object's coverage <c>[H, W]</c>: 0 outside, 255 inside, between the two on an antialiased border.</param>
/// <param name="Ignored"><c>[H, W]</c>, 255 where the mask is unknown and no loss is taken; null where all of it is known.</param>
public sealed record LabeledImage(int Width, int Height, byte[] Rgb, byte[] Mask, byte[]? Ignored = null);
