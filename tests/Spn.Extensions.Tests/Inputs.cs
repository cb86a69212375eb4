namespace Spn.Extensions.Tests;

/// <summary>A picture of 48 x 32 pixels with a bright left half, and its mask.</summary>
internal static class Inputs
{
    public const int Width = 48, Height = 32;

    public static ImageInput Image { get; } = ImageInput.FromPixels(
        [.. Enumerable.Range(0, Width * Height).Select(i => i % Width < 24 ? (byte)220 : (byte)40)], Width, Height, PixelFormat.Gray8);

    public static MaskInput Mask { get; } = MaskInput.FromPixels(
        [.. Enumerable.Range(0, Width * Height).Select(i => i % Width < 20 ? 0.9f : 0.1f)], Width, Height);
}
