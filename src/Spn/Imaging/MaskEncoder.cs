using System.Buffers.Binary;
using SkiaSharp;
using Spn.Imaging.Png;

namespace Spn.Imaging;

/// <summary>Masks to image files.</summary>
internal static class MaskEncoder
{
    private const int JpegQuality = 95;

    /// <summary>The format that a file name asks for.</summary>
    /// <exception cref="ArgumentException">The path is empty, or its extension is not one of the formats'.</exception>
    public static MaskFormat FormatOf(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".PNG" => MaskFormat.Png,
            ".WEBP" => MaskFormat.Webp,
            ".JPG" or ".JPEG" => MaskFormat.Jpeg,
            _ => throw new ArgumentException($"path: expected a name that ends in .png, .webp, .jpg or .jpeg, got '{path}'.", nameof(path)),
        };
    }

    /// <summary>The whole file.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The format is undefined.</exception>
    public static ReadOnlyMemory<byte> Encode(Mask mask, MaskFormat format)
    {
        switch (format)
        {
            case MaskFormat.Png or MaskFormat.Png16:
                int depth = format == MaskFormat.Png16 ? 16 : 8;
                byte[] rows = depth == 16 ? ToBigEndian(mask.Pixels) : mask.ToBytes();
                MemoryStream file = new();
                PngWriter.Write(file, mask.Width, mask.Height, depth, rows, text: PngMetadata.ProbabilitiesMark);
                return file.GetBuffer().AsMemory(0, (int)file.Length);
            case MaskFormat.Webp:
                return Encode(mask, pixmap => pixmap.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 75)));
            case MaskFormat.Jpeg:
                return Encode(mask, pixmap => pixmap.Encode(new SKJpegEncoderOptions(JpegQuality)));
            default:
                throw new ArgumentOutOfRangeException(nameof(format), format, "Expected a defined MaskFormat.");
        }
    }

    private static byte[] Encode(Mask mask, Func<SKPixmap, SKData?> encode)
    {
        using SKBitmap bitmap = mask.ToSKBitmap();
        using SKPixmap pixmap = bitmap.PeekPixels();
        using SKData data = encode(pixmap)
            ?? throw new InvalidOperationException(
                $"A mask of {mask.Width} x {mask.Height} pixels is too large for this format; save it as PNG.");
        return data.ToArray();
    }

    private static byte[] ToBigEndian(ReadOnlySpan<float> pixels)
    {
        byte[] rows = new byte[2 * pixels.Length];
        for (int i = 0; i < pixels.Length; i++)
            BinaryPrimitives.WriteUInt16BigEndian(rows.AsSpan(2 * i), (ushort)(pixels[i] * ushort.MaxValue + 0.5f));
        return rows;
    }
}
