using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SkiaSharp;
using Spn.Imaging;
using Spn.Imaging.Png;
using Spn.Shared;

namespace Spn;

/// <summary>A label for every pixel, such as VOC's label files: classes or objects by number. Immutable and in managed memory.</summary>
public sealed class LabelMap
{
    /// <summary>The default label of pixels that no class claims, as in VOC and Cityscapes: 255.</summary>
    public const int Void = 255;

    private readonly int[] _labels;

    internal LabelMap(int width, int height, int[] labels, IReadOnlyList<SKColor>? palette, int? voidLabel = Void)
        => (Width, Height, _labels, Palette, VoidLabel) = (width, height, labels, palette, voidLabel);

    /// <summary>Pixels per row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The labels, row by row from the top, <c>Width · Height</c> of them.</summary>
    public ReadOnlySpan<int> Labels => _labels;

    /// <summary>The colours to show labels in, by label; <see langword="null"/> if the source had none.</summary>
    public IReadOnlyList<SKColor>? Palette { get; }

    /// <summary>
    /// The label of pixels that no class claims. Refining leaves them as they are, and metrics do not count them. Default 255;
    /// <see langword="null"/> if every label is a class. <see cref="WithVoidLabel"/> changes it.
    /// </summary>
    public int? VoidLabel { get; }

    /// <summary>The label of one pixel.</summary>
    /// <param name="x">Column, 0 at the left.</param>
    /// <param name="y">Row, 0 at the top.</param>
    /// <exception cref="ArgumentOutOfRangeException">The pixel is outside the map.</exception>
    public int this[int x, int y]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)x, (uint)Width, nameof(x));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)y, (uint)Height, nameof(y));
            return _labels[y * Width + x];
        }
    }

    /// <summary>
    /// Loads a label file: a palette PNG (by index, not by colour), a grey PNG of any bit depth (by its stored values), or a coloured
    /// image.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="colors">
    /// The colour of each label, for RGB files, for example <see cref="LabelPalette.Voc"/>. Default: RGB files are refused.
    /// </param>
    /// <param name="pixelLimit">The maximum number of pixels, 1 to 500 million; default 100 million.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limit is out of range.</exception>
    /// <exception cref="ArgumentException">The path is null, empty or a folder.</exception>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is not a label file, holds a colour that the table lacks, is truncated, or too large.
    /// </exception>
    public static LabelMap Load(string path, IReadOnlyList<SKColor>? colors = null, long pixelLimit = PixelLimit.Default)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Decode(EncodedImage.Open(nameof(path), path, PixelLimit.Require(pixelLimit)), colors);
    }

    /// <summary>Loads a label file from a stream, from its position to its end; the stream stays open.</summary>
    /// <param name="stream">A readable stream.</param>
    /// <inheritdoc cref="Load(string, IReadOnlyList{SKColor}?, long)"/>
    /// <param name="colors">The colour of each label, for RGB files. Default: RGB files are refused.</param>
    /// <param name="pixelLimit">The maximum number of pixels, 1 to 500 million; default 100 million.</param>
    public static LabelMap Load(Stream stream, IReadOnlyList<SKColor>? colors = null, long pixelLimit = PixelLimit.Default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Decode(EncodedImage.Open(nameof(stream), stream, PixelLimit.Require(pixelLimit)), colors);
    }

    /// <summary>Loads a label file that is already in memory.</summary>
    /// <param name="encoded">The file's bytes.</param>
    /// <inheritdoc cref="Load(string, IReadOnlyList{SKColor}?, long)"/>
    /// <param name="colors">The colour of each label, for RGB files. Default: RGB files are refused.</param>
    /// <param name="pixelLimit">The maximum number of pixels, 1 to 500 million; default 100 million.</param>
    public static LabelMap Load(ReadOnlyMemory<byte> encoded, IReadOnlyList<SKColor>? colors = null, long pixelLimit = PixelLimit.Default)
        => Decode(EncodedImage.Open(nameof(encoded), encoded, PixelLimit.Require(pixelLimit)), colors);

    /// <summary>Loads a label file from a stream that is read asynchronously.</summary>
    /// <param name="stream">A readable stream; it stays open.</param>
    /// <param name="colors">The colour of each label, for RGB files. Default: RGB files are refused.</param>
    /// <param name="pixelLimit">The maximum number of pixels, 1 to 500 million; default 100 million.</param>
    /// <param name="cancellation">Cancels the reading.</param>
    /// <inheritdoc cref="Load(string, IReadOnlyList{SKColor}?, long)"/>
    public static async Task<LabelMap> LoadAsync(
        Stream stream, IReadOnlyList<SKColor>? colors = null, long pixelLimit = PixelLimit.Default, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        PixelLimit.Require(pixelLimit);
        EncodedBytes.RequireReadable(nameof(stream), stream);
        ReadOnlyMemory<byte> bytes = await EncodedBytes.ReadAsync(new InputName(nameof(stream), "the stream"), stream, pixelLimit, cancellation).ConfigureAwait(false);
        return Decode(EncodedImage.Open(nameof(stream), bytes, pixelLimit), colors);
    }

    /// <summary>Labels 0..255, copied.</summary>
    /// <param name="labels">Rows from top to bottom.</param>
    /// <param name="width">Pixels per row, 1 or more.</param>
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

    /// <summary>The same labels, with another label for pixels that no class claims.</summary>
    /// <param name="label">
    /// 0 or more; <see langword="null"/> if every label is a class, for example in maps with more than 255 objects.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The label is negative.</exception>
    public LabelMap WithVoidLabel(int? label)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(label.GetValueOrDefault(), nameof(label));
        return new LabelMap(Width, Height, _labels, Palette, label);
    }

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
            throw new ArgumentException($"destination: {Width} x {Height} labels need {_labels.Length:N0} elements, got {destination.Length:N0}.", nameof(destination));
        RequireAtMost(byte.MaxValue, "a byte");
        for (int i = 0; i < _labels.Length; i++)
            destination[i] = (byte)_labels[i];
    }

    /// <summary>
    /// Saves a PNG: with the palette if there is one, otherwise grey, with 8 bits, or 16 if a label exceeds 255. The file appears
    /// completely or not at all.
    /// </summary>
    /// <param name="path">A name that ends in <c>.png</c>; an existing file is replaced.</param>
    /// <exception cref="ArgumentException">The path is empty or does not end in .png.</exception>
    /// <exception cref="InvalidOperationException">A label exceeds 65535, which no PNG can hold.</exception>
    /// <exception cref="IOException">
    /// The file cannot be written; <see cref="DirectoryNotFoundException"/> if its folder does not exist.
    /// </exception>
    public void Save(string path)
    {
        RequirePng(path);
        ReadOnlyMemory<byte> file = Encode();
        AtomicFile.Write(path, stream => stream.Write(file.Span));
    }

    /// <summary>Writes a PNG to a stream.</summary>
    /// <param name="stream">A writable stream; it stays open.</param>
    /// <exception cref="ArgumentNullException">The stream is null.</exception>
    /// <exception cref="InvalidOperationException">A label exceeds 65535, which no PNG can hold.</exception>
    public void Save(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.Write(Encode().Span);
    }

    /// <summary>Saves a PNG without blocking.</summary>
    /// <param name="path">A name that ends in <c>.png</c>; an existing file is replaced.</param>
    /// <param name="cancellation">Cancels the writing; the file then does not appear.</param>
    /// <inheritdoc cref="Save(string)"/>
    public Task SaveAsync(string path, CancellationToken cancellation = default)
    {
        RequirePng(path);
        return AtomicFile.WriteAsync(path, Encode(), cancellation);
    }

    /// <summary>Writes a PNG to a stream with asynchronous writes only, as ASP.NET's response bodies require.</summary>
    /// <param name="stream">A writable stream; it stays open.</param>
    /// <param name="cancellation">Cancels the writing.</param>
    /// <inheritdoc cref="Save(Stream)"/>
    public Task SaveAsync(Stream stream, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return stream.WriteAsync(Encode(), cancellation).AsTask();
    }

    private ReadOnlyMemory<byte> Encode()
    {
        RequireAtMost(ushort.MaxValue, "a PNG");
        bool wide = _labels.Max() > byte.MaxValue;
        byte[] rows = new byte[_labels.Length * (wide ? 2 : 1)];
        if (!wide)
            CopyTo(rows);
        for (int i = 0; wide && i < _labels.Length; i++)
            BinaryPrimitives.WriteUInt16BigEndian(rows.AsSpan(2 * i), (ushort)_labels[i]);
        MemoryStream file = new();
        PngWriter.Write(file, Width, Height, wide ? 16 : 8, rows, wide ? null : Palette);
        return file.GetBuffer().AsMemory(0, (int)file.Length);
    }

    private static void RequirePng(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (!Path.GetExtension(path).Equals(".png", StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException($"path: expected a name that ends in .png, got '{path}'.", nameof(path));
    }

    private void RequireAtMost(int max, string what)
    {
        int highest = _labels.Max();
        if (highest > max)
            throw new InvalidOperationException($"Label {highest} does not fit into {what}, which holds at most {max}.");
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
                throw new ArgumentException($"labels: expected 0 or more, got {map[i]}.", nameof(labels));
        }
        return new LabelMap(width, height, map, null);
    }

    private static LabelMap Decode(EncodedImage opened, IReadOnlyList<SKColor>? colors)
    {
        using EncodedImage file = opened;
        (int[] labels, IReadOnlyList<SKColor>? palette) = file.Png is { ColorType: PngFormat.Palette or PngFormat.Gray }
            ? ByValue(file)
            : ByColor(file, colors);
        if (file.Origin == SKEncodedOrigin.TopLeft)
            return new LabelMap(file.Width, file.Height, labels, palette);
        int[] upright = new int[labels.Length];
        Orientation.Turn<int>(labels, file.StoredWidth, file.StoredHeight, file.Origin, upright);
        return new LabelMap(file.Width, file.Height, upright, palette);
    }

    private static (int[] Labels, IReadOnlyList<SKColor>? Palette) ByValue(EncodedImage file)
    {
        PngReader png = file.ReadPngSamples();
        return (png.Samples, png.Palette);
    }

    private static (int[] Labels, IReadOnlyList<SKColor>? Palette) ByColor(EncodedImage file, IReadOnlyList<SKColor>? colors)
    {
        if (colors is null)
        {
            throw file.Refuse("is not a label file; expected a PNG with a palette, or a grey one.", InputAdvice.GiveLabelColors);
        }
        using NativeBuffer<uint> pixels = file.DecodeColors(SKAlphaType.Unpremul);
        ColorTable table = new(colors, file.Refuse);
        int[] labels = new int[pixels.Span.Length];
        for (int i = 0; i < labels.Length; i++)
            labels[i] = table.IndexOf(pixels.Span[i]);
        return (labels, colors.Count <= 256 ? colors : null);
    }
}
