using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using SkiaSharp;
using Spn.Imaging;
using Spn.Imaging.Png;
using TorchSharp;

namespace Spn;

/// <summary>A label for every pixel, such as VOC's label files: classes or objects by number. Immutable and in managed memory.</summary>
public sealed class LabelMap
{
    /// <summary>The label of pixels that no class claims, as in VOC and Cityscapes: they stay as they are. 255.</summary>
    public const int Void = 255;

    private readonly int[] _labels;

    internal LabelMap(int width, int height, int[] labels, IReadOnlyList<SKColor>? palette)
        => (Width, Height, _labels, Palette) = (width, height, labels, palette);

    /// <summary>Pixels a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The labels, row by row from the top, <c>Width · Height</c> of them.</summary>
    public ReadOnlySpan<int> Labels => _labels;

    /// <summary>The colours to show labels in, by label; <see langword="null"/> where the source had none.</summary>
    public IReadOnlyList<SKColor>? Palette { get; }

    /// <summary>The label of one pixel.</summary>
    /// <param name="x">Column, 0 at the left.</param>
    /// <param name="y">Row, 0 at the top.</param>
    public int this[int x, int y]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)x, (uint)Width, nameof(x));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)y, (uint)Height, nameof(y));
            return _labels[y * Width + x];
        }
    }

    /// <summary>Reads a label file: a palette PNG (by index, never by colour) or a grey PNG of any bit depth (by its stored values).</summary>
    /// <param name="path">The file.</param>
    /// <param name="pixelLimit">The most pixels it may have, 1 to 500 million; default 100 million.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limit is out of range.</exception>
    /// <exception cref="ArgumentException">The path is null, empty or a folder.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no palette or grey PNG, cut off, or too large.</exception>
    public static LabelMap Load(string path, long pixelLimit = PixelLimit.Default)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Decode(EncodedImage.Open(nameof(path), path, PixelLimit.Require(pixelLimit)));
    }

    /// <summary>Reads a label file from where the stream stands to its end; it stays open.</summary>
    /// <param name="stream">A readable stream.</param>
    /// <param name="pixelLimit">The most pixels it may have, 1 to 500 million; default 100 million.</param>
    /// <inheritdoc cref="Load(string, long)"/>
    public static LabelMap Load(Stream stream, long pixelLimit = PixelLimit.Default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Decode(EncodedImage.Open(nameof(stream), stream, PixelLimit.Require(pixelLimit)));
    }

    /// <summary>Labels 0..255, copied.</summary>
    /// <param name="labels">Rows from top to bottom.</param>
    /// <param name="width">Pixels a row, 1 or more.</param>
    /// <param name="height">Rows, 1 or more.</param>
    /// <param name="stride">Elements from one row to the next; 0 (default) means that rows follow each other without gaps.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or the stride is shorter than a row.</exception>
    /// <exception cref="ArgumentException">The buffer is too short, or a label is negative.</exception>
    public static LabelMap FromPixels(ReadOnlySpan<byte> labels, int width, int height, int stride = 0)
        => FromRows(labels, width, height, stride);

    /// <summary>Labels 0 and up, copied.</summary>
    /// <inheritdoc cref="FromPixels(ReadOnlySpan{byte}, int, int, int)"/>
    public static LabelMap FromPixels(ReadOnlySpan<int> labels, int width, int height, int stride = 0)
        => FromRows(labels, width, height, stride);

    /// <summary>Copies the labels.</summary>
    /// <param name="destination">At least <c>Width · Height</c> elements.</param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public void CopyTo(Span<int> destination) => _labels.CopyTo(destination);

    /// <summary>Copies labels that are all at most 255.</summary>
    /// <param name="destination">At least <c>Width · Height</c> elements.</param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    /// <exception cref="InvalidOperationException">A label exceeds 255.</exception>
    public void CopyTo(Span<byte> destination)
    {
        if (destination.Length < _labels.Length)
            throw new ArgumentException($"destination: room for {destination.Length:N0} labels came; {Width} x {Height} are needed.", nameof(destination));
        RequireAtMost(byte.MaxValue, "a byte");
        for (int i = 0; i < _labels.Length; i++)
            destination[i] = (byte)_labels[i];
    }

    /// <summary>
    /// Writes a PNG, under a temporary name first: with the palette where there is one, else grey, of 8 bits, or of 16 where a label exceeds 255.
    /// </summary>
    /// <param name="path">The file, ending in <c>.png</c>; an existing one is replaced.</param>
    /// <exception cref="ArgumentException">The path is empty or does not end in .png.</exception>
    /// <exception cref="InvalidOperationException">A label exceeds 65535, which no PNG can hold.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path)
    {
        Mask.RequirePng(path);
        RequireAtMost(ushort.MaxValue, "a PNG");
        bool wide = _labels.Max() > byte.MaxValue;
        byte[] rows = new byte[_labels.Length * (wide ? 2 : 1)];
        if (!wide)
            CopyTo(rows);
        for (int i = 0; wide && i < _labels.Length; i++)
            BinaryPrimitives.WriteUInt16BigEndian(rows.AsSpan(2 * i), (ushort)_labels[i]);
        AtomicFile.Write(path, stream => PngWriter.Write(stream, Width, Height, wide ? 16 : 8, rows, wide ? null : Palette));
    }

    private void RequireAtMost(int most, string what)
    {
        int highest = _labels.Max();
        if (highest > most)
            throw new InvalidOperationException($"Label {highest} does not fit {what}; at most {most} does.");
    }

    private static LabelMap FromRows<T>(ReadOnlySpan<T> labels, int width, int height, int stride) where T : unmanaged
    {
        int step = RawPixels.Check(nameof(labels), labels.Length, width, height, stride);
        int[] map = new int[checked(width * height)];
        for (int i = 0; i < map.Length; i++)
        {
            T value = labels[i / width * step + i % width];
            map[i] = typeof(T) == typeof(byte) ? Unsafe.BitCast<T, byte>(value) : Unsafe.BitCast<T, int>(value);
            if (map[i] < 0)
                throw new ArgumentException($"labels: {map[i]} came; expected 0 or more.", nameof(labels));
        }
        return new LabelMap(width, height, map, null);
    }

    private static LabelMap Decode(EncodedImage opened)
    {
        using EncodedImage file = opened;
        if (file.PngColorType is not (PngFormat.Palette or PngFormat.Grey))
            throw file.Refuse("is no label file; expected a PNG with a palette, or a grey one.");
        PngReader png = file.ReadPngSamples();
        if (file.Origin is SKEncodedOrigin.Default)
            return new LabelMap(png.Width, png.Height, png.Samples, png.Palette);

        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor upright = Orientation.Upright(torch.tensor(png.Samples, png.Height, png.Width), file.Origin);
        return new LabelMap((int)upright.shape[1], (int)upright.shape[0], upright.Span<int>().ToArray(), png.Palette);
    }
}
