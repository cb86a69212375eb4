using SkiaSharp;

namespace Spn.Imaging;

/// <summary>Turns stored pixels upright (EXIF orientation).</summary>
internal static class Orientation
{
    /// <summary>Whether width and height change places.</summary>
    public static bool SwapsSides(SKEncodedOrigin origin) => origin >= SKEncodedOrigin.LeftTop;

    /// <summary>Copies the stored pixels to their upright places.</summary>
    /// <param name="stored"><c>[height, width]</c>.</param>
    /// <param name="width">Stored pixels per row.</param>
    /// <param name="height">Stored rows.</param>
    /// <param name="origin">Where the first stored row and column are in the upright image.</param>
    /// <param name="upright"><c>[height, width]</c>, or <c>[width, height]</c> if the sides are swapped.</param>
    public static void Turn<T>(ReadOnlySpan<T> stored, int width, int height, SKEncodedOrigin origin, Span<T> upright)
    {
        bool swapped = SwapsSides(origin);
        bool fromRight = origin is SKEncodedOrigin.TopRight or SKEncodedOrigin.BottomRight or SKEncodedOrigin.RightTop or SKEncodedOrigin.RightBottom;
        bool fromBottom = origin is SKEncodedOrigin.BottomRight or SKEncodedOrigin.BottomLeft or SKEncodedOrigin.RightBottom or SKEncodedOrigin.LeftBottom;
        int uprightWidth = swapped ? height : width, uprightHeight = swapped ? width : height;
        for (int y = 0; y < uprightHeight; y++)
        {
            int sourceY = fromBottom ? uprightHeight - 1 - y : y;
            for (int x = 0; x < uprightWidth; x++)
            {
                int sourceX = fromRight ? uprightWidth - 1 - x : x;
                upright[y * uprightWidth + x] = swapped ? stored[sourceX * width + sourceY] : stored[sourceY * width + sourceX];
            }
        }
    }

    /// <summary>The upright pixels: the stored ones themselves, or a turned copy that <paramref name="turned"/> owns.</summary>
    /// <inheritdoc cref="Turn"/>
    public static Span<T> Upright<T>(Span<T> stored, int width, int height, SKEncodedOrigin origin, out NativeBuffer<T>? turned)
        where T : unmanaged
    {
        turned = null;
        if (origin == SKEncodedOrigin.TopLeft)
            return stored;
        turned = new NativeBuffer<T>(width * height);
        Turn(stored, width, height, origin, turned.Span);
        return turned.Span;
    }
}
