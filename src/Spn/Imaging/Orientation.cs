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
            SKEncodedOrigin.TopRight => (false, s_columns),
            SKEncodedOrigin.BottomRight => (false, s_both),
            SKEncodedOrigin.BottomLeft => (false, s_rows),
            SKEncodedOrigin.LeftTop => (true, s_none),
            SKEncodedOrigin.RightTop => (true, s_columns),
            SKEncodedOrigin.RightBottom => (true, s_both),
            SKEncodedOrigin.LeftBottom => (true, s_rows),
            _ => (false, s_none),
        };
        Tensor map = transpose ? stored.transpose(-2, -1) : stored;
        return (flips.Length > 0 ? map.flip(flips) : map).contiguous();
    }

    private static readonly long[] s_none = [], s_rows = [-2], s_columns = [-1], s_both = [-2, -1];
}
