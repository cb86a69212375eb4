namespace Spn.Models;

/// <summary>Checks of the planes that callers pass to a method.</summary>
internal static class MethodCheck
{
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    /// <exception cref="ArgumentException">The image is not <c>[3, height, width]</c>.</exception>
    public static void Image(ReadOnlySpan<float> image, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (image.Length != 3L * width * height)
        {
            throw new ArgumentException(
                $"image: expected [3, {height}, {width}], {3L * width * height:N0} values, got {image.Length:N0}.", nameof(image));
        }
    }

    /// <returns>K.</returns>
    /// <exception cref="ArgumentException">The masks are not <c>[K, height, width]</c>, or the result has another length.</exception>
    public static int Masks(ReadOnlySpan<float> masks, Span<float> refined, int width, int height)
    {
        int plane = width * height;
        if (masks.Length == 0 || masks.Length % plane != 0)
            throw new ArgumentException($"masks: expected [K, {height}, {width}], got {masks.Length:N0} values.", nameof(masks));
        if (refined.Length != masks.Length)
            throw new ArgumentException($"refined: expected {masks.Length:N0} values, got {refined.Length:N0}.", nameof(refined));
        return masks.Length / plane;
    }
}
