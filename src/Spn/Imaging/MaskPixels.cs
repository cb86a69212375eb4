using System.Runtime.InteropServices;
using SkiaSharp;
using Spn.Imaging.Png;

namespace Spn.Imaging;

/// <summary>Mask files and bitmaps: which of grey, alpha, palette and colour table carries the mask, and what its values mean.</summary>
internal static class MaskPixels
{
    private const int Void = 255, Object = 255, Undecided = 128;

    private const string NotAMask =
        "is a coloured image; expected a mask in grey, in the alpha channel, or in a palette. Are image and mask swapped?";

    public static OpenPixels Open(EncodedImage file, MaskOptions options)
        => new(file.Width, file.Height, map => Read(file, options, map), file);

    public static OpenPixels Open(string argument, SKBitmap bitmap, MaskOptions options, long pixelLimit)
    {
        BitmapPixels.Check(argument, bitmap, pixelLimit);
        return new OpenPixels(bitmap.Width, bitmap.Height, map => Read(argument, bitmap, options, map));
    }

    private static void Read(EncodedImage file, MaskOptions options, Span<float> map)
    {
        using NativeBuffer<ushort> stored = new(file.StoredWidth * file.StoredHeight);
        int range = ReadSamples(file, options, stored.Span);
        MaskValues values = file.Png is { HoldsProbabilities: true } && options.Values == MaskValues.Auto ? MaskValues.Probabilities : options.Values;
        int one = MaskScale.Resolve(Max(stored.Span), range, values, file.Refuse);
        Span<ushort> upright = Orientation.Upright(stored.Span, file.StoredWidth, file.StoredHeight, file.Origin, out NativeBuffer<ushort>? turned);
        MaskScale.ToUnit(upright, one, map);
        turned?.Dispose();
    }

    /// <summary>The stored values of the channel that carries the mask.</summary>
    /// <returns>The highest value of their type.</returns>
    private static int ReadSamples(EncodedImage file, MaskOptions options, Span<ushort> samples)
    {
        if (file.Png is { ColorType: PngFormat.Palette })
            return FromPalette(file, samples);
        if (options.Colors is { } colors && !file.IsGray && file.Png is not { ColorType: PngFormat.Gray })
        {
            using NativeBuffer<uint> pixels = file.DecodeColors(SKAlphaType.Unpremul);
            return FromColorTable(pixels.Span, colors, samples, file.Refuse);
        }
        if (file.Png is { BitDepth: not 8 } png && (png.BitDepth == 16 || file.IsOpaque))
        {
            PngReader reader = file.ReadPngSamples();
            int range = (1 << png.BitDepth) - 1;
            return FromChannels(new StoredSamples(reader.Samples, reader.Channels, range), samples) ? range : throw file.Refuse(NotAMask, InputAdvice.GiveMaskColors);
        }
        if (file.IsGray)
        {
            using NativeBuffer<byte> bytes = new(samples.Length);
            file.Decode(SKColorType.Gray8, SKAlphaType.Opaque, bytes.Span);
            Widen(bytes.Span, samples);
            return byte.MaxValue;
        }
        using NativeBuffer<uint> rgba = file.DecodeColors(SKAlphaType.Unpremul);
        return FromChannels(new Rgba32(rgba.Span), samples) ? byte.MaxValue : throw file.Refuse(NotAMask, InputAdvice.GiveMaskColors);
    }

    private static void Read(string argument, SKBitmap bitmap, MaskOptions options, Span<float> map)
    {
        using NativeBuffer<ushort> samples = new(bitmap.Width * bitmap.Height);
        int range = byte.MaxValue;
        SKAlphaType alpha = bitmap.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul;
        if (bitmap.ColorType is SKColorType.Gray8 or SKColorType.Alpha8)
        {
            using NativeBuffer<byte> bytes = new(bitmap.Width * bitmap.Height);
            BitmapPixels.Read(argument, bitmap, bitmap.ColorType, bitmap.AlphaType, bytes.Span);
            Widen(bytes.Span, samples.Span);
        }
        else if (bitmap.BytesPerPixel > 4 && options.Colors is null)
        {
            using NativeBuffer<ulong> rgba = new(bitmap.Width * bitmap.Height);
            BitmapPixels.Read(argument, bitmap, SKColorType.Rgba16161616, alpha, MemoryMarshal.AsBytes(rgba.Span));
            range = ushort.MaxValue;
            if (!FromChannels(new Rgba64(rgba.Span), samples.Span))
                throw Refuse(NotAMask, InputAdvice.GiveMaskColors);
        }
        else
        {
            using NativeBuffer<uint> rgba = new(bitmap.Width * bitmap.Height);
            BitmapPixels.Read(argument, bitmap, SKColorType.Rgba8888, alpha, MemoryMarshal.AsBytes(rgba.Span));
            if (options.Colors is { } colors)
                range = FromColorTable(rgba.Span, colors, samples.Span, Refuse);
            else if (!FromChannels(new Rgba32(rgba.Span), samples.Span))
                throw Refuse(NotAMask, InputAdvice.GiveMaskColors);
        }
        MaskScale.ToUnit(samples.Span, MaskScale.Resolve(Max(samples.Span), range, options.Values, Refuse), map);

        ArgumentException Refuse(string why, InputAdvice advice)
            => InputProblem.ForArgument(new InputName(argument, "the bitmap"), why, advice);
    }

    /// <summary>Pixels of up to four channels.</summary>
    private interface IColorPixels
    {
        int Count { get; }

        /// <summary>The highest value of a channel.</summary>
        int Range { get; }

        (int Red, int Green, int Blue, int Alpha) this[int index] { get; }
    }

    private readonly ref struct Rgba32(ReadOnlySpan<uint> pixels) : IColorPixels
    {
        private readonly ReadOnlySpan<uint> _pixels = pixels;

        public int Count => _pixels.Length;

        public int Range => byte.MaxValue;

        public (int Red, int Green, int Blue, int Alpha) this[int index]
            => ((byte)_pixels[index], (byte)(_pixels[index] >> 8), (byte)(_pixels[index] >> 16), (byte)(_pixels[index] >> 24));
    }

    private readonly ref struct Rgba64(ReadOnlySpan<ulong> pixels) : IColorPixels
    {
        private readonly ReadOnlySpan<ulong> _pixels = pixels;

        public int Count => _pixels.Length;

        public int Range => ushort.MaxValue;

        public (int Red, int Green, int Blue, int Alpha) this[int index]
            => ((ushort)_pixels[index], (ushort)(_pixels[index] >> 16), (ushort)(_pixels[index] >> 32), (ushort)(_pixels[index] >> 48));
    }

    private readonly struct StoredSamples(int[] samples, int channels, int range) : IColorPixels
    {
        public int Count => samples.Length / channels;

        public int Range => range;

        public (int Red, int Green, int Blue, int Alpha) this[int index]
        {
            get
            {
                ReadOnlySpan<int> pixel = samples.AsSpan(index * channels, channels);
                int alpha = channels is 2 or 4 ? pixel[^1] : range;
                return channels < 3 ? (pixel[0], pixel[0], pixel[0], alpha) : (pixel[0], pixel[1], pixel[2], alpha);
            }
        }
    }

    /// <summary>
    /// Grey, or alpha. Editors leave single pixels slightly transparent, so alpha carries the mask only if the rest says nothing (one
    /// colour), or if it makes something transparent: in a coloured image any pixel, in a grey one at least one pixel of a thousand.
    /// </summary>
    /// <returns>Whether there is a mask: false for a coloured image without transparency.</returns>
    private static bool FromChannels<T>(T pixels, Span<ushort> values) where T : IColorPixels, allows ref struct
    {
        int minAlpha = pixels.Range, maxAlpha = 0, transparent = 0, tint = 0;
        (int Red, int Green, int Blue)? color = null;
        bool isFlat = true; // apart from rounding, where pixels are more opaque than transparent
        for (int i = 0; i < pixels.Count; i++)
        {
            (int red, int green, int blue, int alpha) = pixels[i];
            (minAlpha, maxAlpha) = (Math.Min(minAlpha, alpha), Math.Max(maxAlpha, alpha));
            bool isTransparent = 2 * alpha < pixels.Range;
            transparent += isTransparent ? 1 : 0;
            int gray = (red + 2 * green + blue + 2) >> 2;
            values[i] = (ushort)gray;
            if (alpha == 0)
                continue; // the colour of an invisible pixel is undefined
            (int Red, int Green, int Blue) first = color ??= (red, green, blue);
            isFlat &= isTransparent || Math.Max(Math.Abs(red - first.Red), Math.Max(Math.Abs(green - first.Green), Math.Abs(blue - first.Blue))) <= 2;
            tint = Math.Max(tint, Math.Max(red, Math.Max(green, blue)) - Math.Min(red, Math.Min(green, blue)));
        }
        // JPEG may tint a grey mask by a few levels.
        bool isColored = tint > pixels.Range / 8;
        bool usesAlpha = minAlpha < maxAlpha && (isFlat || (isColored ? transparent > 0 : 1000L * transparent >= pixels.Count));
        for (int i = 0; usesAlpha && i < pixels.Count; i++)
            values[i] = (ushort)pixels[i].Alpha;
        return usesAlpha || !isColored;
    }

    /// <summary>
    /// A palette of greys counts as grey; otherwise index 0 is background, 255 undecided, and one other index is the object.
    /// </summary>
    private static int FromPalette(EncodedImage file, Span<ushort> values)
    {
        PngReader png = file.ReadPngSamples();
        SKColor[] palette = png.Palette!;
        bool isGray = palette.All(color => color.Red == color.Green && color.Green == color.Blue);
        OneObject labels = new(file.Refuse);
        for (int i = 0; i < values.Length; i++)
        {
            int index = png.Samples[i];
            values[i] = !isGray ? labels.ToValue(index) : index < palette.Length ? palette[index].Red : (ushort)0;
        }
        return byte.MaxValue;
    }

    private static int FromColorTable(
        ReadOnlySpan<uint> rgba, IReadOnlyList<SKColor> colors, Span<ushort> values, Func<string, InputAdvice, Exception> refuse)
    {
        ColorTable table = new(colors, refuse);
        OneObject labels = new(refuse);
        for (int i = 0; i < values.Length; i++)
            values[i] = labels.ToValue(table.IndexOf(rgba[i]));
        return byte.MaxValue;
    }

    /// <summary>Labels of a file that shows one object.</summary>
    private struct OneObject(Func<string, InputAdvice, Exception> refuse)
    {
        private int _label;

        public ushort ToValue(int label)
        {
            if (label == 0)
                return 0;
            if (label == Void)
                return Undecided;
            if (_label != 0 && _label != label)
            {
                throw refuse($"holds several labels ({_label} and {label}); expected one object.", InputAdvice.UseLabelMap);
            }
            _label = label;
            return Object;
        }
    }

    private static void Widen(ReadOnlySpan<byte> bytes, Span<ushort> values)
    {
        for (int i = 0; i < bytes.Length; i++)
            values[i] = bytes[i];
    }

    private static int Max(ReadOnlySpan<ushort> values)
    {
        int max = 0;
        foreach (ushort value in values)
            max = Math.Max(max, value);
        return max;
    }
}
