using SkiaSharp;
using static TorchSharp.torch;

namespace Spn.Imaging;

/// <summary>EXIF orientation, applied to maps <c>[…, H, W]</c>.</summary>
internal static class Orientation
{
    /// <summary>The upright map. Rows and columns change places first, then the order of rows, then that of columns.</summary>
    public static Tensor Upright(Tensor stored, SKEncodedOrigin origin)
    {
        (bool transpose, long[] flips) = origin switch
        {
            SKEncodedOrigin.TopRight => (false, Columns),
            SKEncodedOrigin.BottomRight => (false, Both),
            SKEncodedOrigin.BottomLeft => (false, Rows),
            SKEncodedOrigin.LeftTop => (true, None),
            SKEncodedOrigin.RightTop => (true, Columns),
            SKEncodedOrigin.RightBottom => (true, Both),
            SKEncodedOrigin.LeftBottom => (true, Rows),
            _ => (false, None),
        };
        Tensor map = transpose ? stored.transpose(-2, -1) : stored;
        return (flips.Length > 0 ? map.flip(flips) : map).contiguous();
    }

    private static readonly long[] None = [], Rows = [-2], Columns = [-1], Both = [-2, -1];
}
