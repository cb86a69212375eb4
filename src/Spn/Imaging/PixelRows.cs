using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Spn.Imaging;

/// <summary>8-bit pixels to floats in 0..1, plane by plane, exactly value / 255.</summary>
internal static class PixelRows
{
    /// <summary>Bytes per pixel.</summary>
    public static int SizeOf(PixelFormat format) => format switch
    {
        PixelFormat.Gray8 => 1,
        PixelFormat.Rgb24 or PixelFormat.Bgr24 => 3,
        PixelFormat.Rgba32 or PixelFormat.Bgra32 => 4,
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "Not a pixel format."),
    };

    /// <summary>One row of pixels into the same row of three planes.</summary>
    public static void ToPlanes(ReadOnlySpan<byte> row, PixelFormat format, Span<float> red, Span<float> green, Span<float> blue)
    {
        switch (format)
        {
            case PixelFormat.Gray8:
                ToUnit(row, red);
                red.CopyTo(green);
                red.CopyTo(blue);
                break;
            case PixelFormat.Rgb24:
                Split(row, red, green, blue);
                break;
            case PixelFormat.Bgr24:
                Split(row, blue, green, red);
                break;
            case PixelFormat.Rgba32:
                Split(MemoryMarshal.Cast<byte, uint>(row), red, green, blue);
                break;
            case PixelFormat.Bgra32:
                Split(MemoryMarshal.Cast<byte, uint>(row), blue, green, red);
                break;
        }
    }

    /// <summary>One row of one plane: value / 255.</summary>
    public static void ToUnit(ReadOnlySpan<byte> row, Span<float> plane)
    {
        int i = 0;
        Vector256<float> scale = Vector256.Create(255f);
        for (; i <= row.Length - 8; i += 8)
        {
            Vector128<ushort> words = Vector128.WidenLower(Vector64.Create(row.Slice(i, 8)).ToVector128Unsafe());
            (Vector256.ConvertToSingle(Vector256.Create(Vector128.WidenLower(words), Vector128.WidenUpper(words)).AsInt32()) / scale)
                .CopyTo(plane[i..]);
        }
        for (; i < row.Length; i++)
            plane[i] = row[i] / 255f;
    }

    /// <summary>The highest byte of each pixel: alpha / 255.</summary>
    public static void ToAlpha(ReadOnlySpan<uint> pixels, Span<float> alpha)
    {
        for (int i = 0; i < pixels.Length; i++)
            alpha[i] = (pixels[i] >> 24) / 255f;
    }

    /// <summary>Premultiplied pixels over white, in place: c + 255 - a in each byte, which cannot overflow since c ≤ a.</summary>
    public static void OverWhite(Span<uint> pixels)
    {
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] += (255 - (pixels[i] >> 24)) * 0x010101u;
    }

    private static void Split(ReadOnlySpan<uint> row, Span<float> low, Span<float> middle, Span<float> high)
    {
        int i = 0;
        Vector256<float> scale = Vector256.Create(255f);
        Vector256<uint> mask = Vector256.Create(255u);
        for (; i <= row.Length - 8; i += 8)
        {
            Vector256<uint> pixels = Vector256.Create(row.Slice(i, 8));
            (Vector256.ConvertToSingle((pixels & mask).AsInt32()) / scale).CopyTo(low[i..]);
            (Vector256.ConvertToSingle((pixels >>> 8 & mask).AsInt32()) / scale).CopyTo(middle[i..]);
            (Vector256.ConvertToSingle((pixels >>> 16 & mask).AsInt32()) / scale).CopyTo(high[i..]);
        }
        for (; i < row.Length; i++)
            (low[i], middle[i], high[i]) = ((row[i] & 255) / 255f, (row[i] >> 8 & 255) / 255f, (row[i] >> 16 & 255) / 255f);
    }

    private static void Split(ReadOnlySpan<byte> row, Span<float> first, Span<float> second, Span<float> third)
    {
        for (int i = 0; i < first.Length; i++)
            (first[i], second[i], third[i]) = (row[3 * i] / 255f, row[3 * i + 1] / 255f, row[3 * i + 2] / 255f);
    }
}
