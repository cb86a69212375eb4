using SkiaSharp;

namespace Spn;

/// <summary>Colour tables of label files: the colour at index i shows label i.</summary>
public static class LabelPalette
{
    /// <summary>
    /// Pascal VOC's 256 colours: the bits of the label spread over red, green and blue, the lowest three into each channel's highest bit,
    /// and so on. Label 0 is black, 255 (void) is (224, 224, 192).
    /// </summary>
    public static IReadOnlyList<SKColor> Voc { get; } = Array.AsReadOnly([.. Enumerable.Range(0, 256).Select(VocColor)]);

    /// <summary>The index of every colour; the first one if a colour occurs more than once.</summary>
    internal static Dictionary<uint, int> Indices(IReadOnlyList<SKColor> colors)
    {
        Dictionary<uint, int> indices = [];
        for (int i = 0; i < colors.Count; i++)
            indices.TryAdd(Key(colors[i].Red, colors[i].Green, colors[i].Blue), i);
        return indices;
    }

    /// <summary>The key of a colour in <see cref="Indices"/>.</summary>
    internal static uint Key(byte red, byte green, byte blue) => red | (uint)green << 8 | (uint)blue << 16;

    private static SKColor VocColor(int label)
    {
        int red = 0, green = 0, blue = 0;
        for (int bit = 7; bit >= 0; bit--, label >>= 3)
        {
            red |= (label & 1) << bit;
            green |= (label >> 1 & 1) << bit;
            blue |= (label >> 2 & 1) << bit;
        }
        return new SKColor((byte)red, (byte)green, (byte)blue);
    }
}
