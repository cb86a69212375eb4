using System.Runtime.InteropServices;
using SkiaSharp;
using Spn.Imaging.Png;
using static TorchSharp.torch;

namespace Spn.Imaging;

/// <summary>Mask files and bitmaps to maps <c>[1, 1, H, W]</c>: which of grey, alpha and palette carries the mask.</summary>
internal static class MaskPixels
{
    /// <summary>JPEG may tint a grey mask by a few levels; beyond this a picture is coloured.</summary>
    private const int MostTint = 32;

    private const int Void = 255;

    public static Tensor Decode(EncodedImage opened)
    {
        using EncodedImage file = opened;
        using Tensor grey = empty(file.Height, file.Width, dtype: uint8);
        if (file.PngColorType == PngFormat.Palette)
        {
            FromPalette(file, grey.bytes);
        }
        else if (file.IsGray)
        {
            file.Decode(SKColorType.Gray8, SKAlphaType.Opaque, grey.bytes);
        }
        else
        {
            using Tensor colours = empty(file.Height, file.Width, 4, dtype: uint8);
            file.Decode(SKColorType.Rgba8888, SKAlphaType.Unpremul, colours.bytes);
            if (!TryFromColours(colours.Span<uint>(), grey.bytes))
                throw file.Refuse(ColouredNoMask);
        }
        return Orientation.Upright(ToMap(grey.bytes, file.Width, file.Height), file.Origin);
    }

    public static Tensor Convert(string argument, SKBitmap bitmap, long pixelLimit)
    {
        BitmapPixels.Check(argument, bitmap, pixelLimit);
        using Tensor grey = empty(bitmap.Height, bitmap.Width, dtype: uint8);
        if (bitmap.ColorType is SKColorType.Gray8 or SKColorType.Alpha8)
        {
            BitmapPixels.Read(argument, bitmap, bitmap.ColorType, bitmap.AlphaType, grey.bytes);
        }
        else
        {
            using Tensor colours = empty(bitmap.Height, bitmap.Width, 4, dtype: uint8);
            SKAlphaType alpha = bitmap.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul;
            BitmapPixels.Read(argument, bitmap, SKColorType.Rgba8888, alpha, colours.bytes);
            if (!TryFromColours(colours.Span<uint>(), grey.bytes))
                throw new ArgumentException($"{argument}: the bitmap {ColouredNoMask}", argument);
        }
        return ToMap(grey.bytes, bitmap.Width, bitmap.Height);
    }

    private const string ColouredNoMask =
        "is a coloured picture; expected a mask in grey, in the alpha channel, or in a palette (are image and mask swapped?).";

    private static Tensor ToMap(ReadOnlySpan<byte> grey, int width, int height)
    {
        Tensor map = TensorPixels.NewMap(width, height);
        PixelRows.ToUnit(grey, map.Span<float>());
        return map;
    }

    /// <summary>An alpha that varies is the mask; else the grey value, unless there are colours.</summary>
    private static bool TryFromColours(ReadOnlySpan<uint> rgba, Span<byte> grey)
    {
        byte least = 255, most = 0;
        foreach (uint pixel in rgba)
        {
            byte alpha = (byte)(pixel >> 24);
            (least, most) = (Math.Min(least, alpha), Math.Max(most, alpha));
        }
        if (least != most)
        {
            for (int i = 0; i < rgba.Length; i++)
                grey[i] = (byte)(rgba[i] >> 24);
            return true;
        }
        int tint = 0;
        for (int i = 0; i < rgba.Length; i++)
        {
            int r = (byte)rgba[i], g = (byte)(rgba[i] >> 8), b = (byte)(rgba[i] >> 16);
            tint = Math.Max(tint, Math.Max(r, Math.Max(g, b)) - Math.Min(r, Math.Min(g, b)));
            grey[i] = (byte)((r + 2 * g + b + 2) >> 2);
        }
        return tint <= MostTint;
    }

    private static void FromPalette(EncodedImage file, Span<byte> grey)
    {
        PngReader png = file.ReadPngSamples();
        SKColor[] palette = png.Palette!;
        bool greys = palette.All(color => color.Red == color.Green && color.Green == color.Blue);
        int instance = 0;
        for (int i = 0; i < grey.Length; i++)
        {
            int index = png.Samples[i];
            if (greys)
            {
                grey[i] = index < palette.Length ? palette[index].Red : (byte)0;
                continue;
            }
            if (index is not (0 or Void) && instance != index)
            {
                if (instance != 0)
                {
                    throw file.Refuse($"holds several labels ({instance} and {index}); expected one object. " +
                                      "A label map is read by LabelMap.Load and refined by Refine(image, labels).");
                }
                instance = index;
            }
            grey[i] = index switch { 0 => (byte)0, Void => 128, _ => (byte)255 };
        }
    }
}
