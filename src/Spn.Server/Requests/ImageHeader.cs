using System.Buffers;
using Microsoft.AspNetCore.Http;
using SkiaSharp;
using Spn.Server.Problems;

namespace Spn.Server.Requests;

/// <summary>What the first bytes of an image say, before it is decoded. The library checks the same, without HTTP's status codes.</summary>
internal static class ImageHeader
{
    // Skia reads more, for example camera files and WBMP, whose header is two zeros. Nobody needs to reach those decoders from the network.
    private static readonly SKEncodedImageFormat[] s_formats =
    [
        SKEncodedImageFormat.Png, SKEncodedImageFormat.Jpeg, SKEncodedImageFormat.Webp, SKEncodedImageFormat.Gif, SKEncodedImageFormat.Bmp,
    ];

    /// <returns>The number of pixels.</returns>
    /// <exception cref="ProblemException">It is empty, not an image, or has too many pixels.</exception>
    public static unsafe long Check(string field, ReadOnlyMemory<byte> file, long maxPixels)
    {
        if (file.IsEmpty)
            throw new ProblemException(StatusCodes.Status400BadRequest, $"The field '{field}' is empty; expected an image file.");
        using MemoryHandle pin = file.Pin();
        using SKData data = SKData.Create((nint)pin.Pointer, file.Length);
        using SKCodec? codec = SKCodec.Create(data);
        if (codec is null || !s_formats.Contains(codec.EncodedFormat))
        {
            throw new ProblemException(
                StatusCodes.Status415UnsupportedMediaType,
                $"The field '{field}' is not an image that can be read, or its header is incomplete; "
                + "expected PNG, JPEG, WebP, GIF or BMP.");
        }
        long pixels = (long)codec.Info.Width * codec.Info.Height;
        if (pixels > maxPixels)
        {
            throw new ProblemException(
                StatusCodes.Status422UnprocessableEntity,
                FormattableString.Invariant(
                    $"The field '{field}' has {codec.Info.Width} x {codec.Info.Height} pixels; expected at most {maxPixels:N0} in total."));
        }
        return pixels;
    }
}
