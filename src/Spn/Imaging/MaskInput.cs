using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using SkiaSharp;
using Spn.Imaging;

namespace Spn;

/// <summary>
/// A coarse mask of one object: a file's path, a stream, an encoded file in memory, an <see cref="SKBitmap"/>, a <see cref="Mask"/> and a
/// tensor convert implicitly; raw pixels need <c>FromPixels</c>. It may be smaller than the image, as the output of a network is.
/// </summary>
/// <remarks>
/// <para>
/// Values: floating-point values are probabilities in 0..1; values that exceed the range by up to 0.001 are clamped. Integer values (files,
/// bitmaps, bytes, uint8 tensors) are probabilities from 0 to 255 or 65535, or zeros and ones, by the rule of
/// <see cref="MaskValues.Auto"/>. <see cref="With"/> sets another meaning, and how a mask of other proportions lies over its image.
/// </para>
/// <para>
/// Files and bitmaps: the grey value is the mask. Alpha is the mask instead if the visible pixels all have one colour, or if parts are
/// transparent (alpha below one half): any pixel of a coloured image (a cut-out), at least one pixel of a thousand of a grey one. A palette
/// of greys counts as grey. In a palette of colours, index 0 is background, 255 undecided (0.5), and one other index is the object; files
/// with more objects are a <see cref="LabelMap"/>. RGB files in such colours need <see cref="MaskOptions.Colors"/>. EXIF orientation is
/// applied.
/// </para>
/// <para>Lifetimes are those of <see cref="ImageInput"/>.</para>
/// </remarks>
public sealed partial class MaskInput
{
    /// <summary>What opens the mask.</summary>
    /// <param name="Argument">The caller's argument, which exceptions name.</param>
    /// <param name="PixelLimit">The maximum number of pixels.</param>
    /// <param name="Options">How to read it.</param>
    private readonly record struct Request(string Argument, long PixelLimit, MaskOptions Options);

    private readonly Func<Request, OpenPixels> _open;
    private readonly Stream? _stream;
    private readonly MaskOptions _options = MaskOptions.Default;

    private MaskInput(Func<Request, OpenPixels> open, Stream? stream = null) => (_open, _stream) = (open, stream);

    private MaskInput(MaskInput source, MaskOptions options)
        => (_open, _stream, _options) = (source._open, source._stream, options);

    /// <summary>An image file.</summary>
    /// <param name="path">Its path.</param>
    [return: NotNullIfNotNull(nameof(path))]
    public static implicit operator MaskInput?(string? path)
        => path is null ? null : new(call => MaskPixels.Open(EncodedImage.Open(call.Argument, path, call.PixelLimit), call.Options));

    /// <summary>An image file in a stream, read from its position to its end.</summary>
    /// <param name="stream">A readable stream; seeking is not needed. Asynchronous calls read it asynchronously.</param>
    [return: NotNullIfNotNull(nameof(stream))]
    public static implicit operator MaskInput?(Stream? stream)
        => stream is null ? null : new(call => MaskPixels.Open(EncodedImage.Open(call.Argument, stream, call.PixelLimit), call.Options), stream);

    /// <summary>An image file in memory. For raw pixels use <see cref="FromPixels(ReadOnlyMemory{byte}, int, int, int)"/>.</summary>
    /// <param name="encoded">The file's bytes, borrowed until the refining call returns.</param>
    public static implicit operator MaskInput(ReadOnlyMemory<byte> encoded)
        => new(call => MaskPixels.Open(EncodedImage.Open(call.Argument, encoded, call.PixelLimit), call.Options));

    /// <inheritdoc cref="op_Implicit(ReadOnlyMemory{byte})"/>
    [return: NotNullIfNotNull(nameof(encoded))]
    public static implicit operator MaskInput?(byte[]? encoded)
        => encoded is null ? null : (MaskInput)(ReadOnlyMemory<byte>)encoded;

    /// <inheritdoc cref="op_Implicit(ReadOnlyMemory{byte})"/>
    public static implicit operator MaskInput(Memory<byte> encoded) => (ReadOnlyMemory<byte>)encoded;

    /// <summary>A bitmap: Gray8 and Alpha8 as they are, other colour types by the rule for files.</summary>
    /// <param name="bitmap">The bitmap; the caller still owns it.</param>
    [return: NotNullIfNotNull(nameof(bitmap))]
    public static implicit operator MaskInput?(SKBitmap? bitmap)
        => bitmap is null ? null : new(call => MaskPixels.Open(call.Argument, bitmap, call.Options, call.PixelLimit));

    /// <summary>A mask, such as an earlier result.</summary>
    /// <param name="mask">The mask.</param>
    [return: NotNullIfNotNull(nameof(mask))]
    public static implicit operator MaskInput?(Mask? mask)
        => mask is null ? null : FromPixels(mask.Memory, mask.Width, mask.Height);

    /// <summary>The same as the implicit conversion: anything that converts, as a <see cref="MaskInput"/>.</summary>
    /// <param name="mask">A path, stream, encoded file, bitmap, mask or tensor.</param>
    /// <exception cref="ArgumentNullException">The mask is null.</exception>
    public static MaskInput From(MaskInput mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        return mask;
    }

    /// <summary>The same mask, read with other options.</summary>
    /// <param name="options">What the values mean, which part of the image the mask covers, and a colour table.</param>
    /// <exception cref="ArgumentException">The options are null or hold an undefined value.</exception>
    public MaskInput With(MaskOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new(this, options.Checked());
    }

    /// <summary>Raw 8-bit values in memory that is borrowed until the refining call returns: 0 to 255, or zeros and ones.</summary>
    /// <param name="pixels">Rows from top to bottom.</param>
    /// <param name="width">Pixels per row, 1 or more.</param>
    /// <param name="height">Rows, 1 or more.</param>
    /// <param name="stride">Elements from one row to the next; 0 (default) means that rows follow each other without gaps.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or the stride is shorter than a row.</exception>
    /// <exception cref="ArgumentException">The buffer is too short.</exception>
    [OverloadResolutionPriority(1)]
    public static MaskInput FromPixels(ReadOnlyMemory<byte> pixels, int width, int height, int stride = 0)
        => FromRows(pixels, width, height, stride, static (rows, call, map) => RawPixels.ReadBytes(rows, call.Argument, call.Options.Values, map));

    /// <summary>Raw 8-bit values in a span that is copied immediately: 0 to 255, or zeros and ones.</summary>
    /// <inheritdoc cref="FromPixels(ReadOnlyMemory{byte}, int, int, int)"/>
    public static MaskInput FromPixels(ReadOnlySpan<byte> pixels, int width, int height, int stride = 0)
        => FromPixels(Copy(pixels, width, height, stride), width, height, stride);

    /// <summary>Raw probabilities in 0..1 in memory that is borrowed until the refining call returns.</summary>
    /// <inheritdoc cref="FromPixels(ReadOnlyMemory{byte}, int, int, int)"/>
    [OverloadResolutionPriority(1)]
    public static MaskInput FromPixels(ReadOnlyMemory<float> pixels, int width, int height, int stride = 0)
        => FromRows(pixels, width, height, stride, static (rows, call, map) =>
        {
            for (int y = 0; y < rows.Height; y++)
                rows[y].CopyTo(map[(y * rows.Width)..]);
            if (call.Options.Values == MaskValues.Logits)
                UnitRange.FromLogits(call.Argument, map);
            else
                UnitRange.Clamp(call.Argument, map);
        });

    /// <summary>Raw probabilities in 0..1 in a span that is copied immediately.</summary>
    /// <inheritdoc cref="FromPixels(ReadOnlyMemory{byte}, int, int, int)"/>
    public static MaskInput FromPixels(ReadOnlySpan<float> pixels, int width, int height, int stride = 0)
        => FromPixels(Copy(pixels, width, height, stride), width, height, stride);

    /// <summary>Raw booleans in memory that is borrowed until the refining call returns.</summary>
    /// <inheritdoc cref="FromPixels(ReadOnlyMemory{byte}, int, int, int)"/>
    [OverloadResolutionPriority(1)]
    public static MaskInput FromPixels(ReadOnlyMemory<bool> pixels, int width, int height, int stride = 0)
        => FromRows(pixels, width, height, stride, static (rows, _, map) =>
        {
            for (int y = 0; y < rows.Height; y++)
            {
                for (int x = 0; x < rows.Width; x++)
                    map[y * rows.Width + x] = rows[y][x] ? 1f : 0f;
            }
        });

    /// <summary>Raw booleans in a span that is copied immediately.</summary>
    /// <inheritdoc cref="FromPixels(ReadOnlyMemory{byte}, int, int, int)"/>
    public static MaskInput FromPixels(ReadOnlySpan<bool> pixels, int width, int height, int stride = 0)
        => FromPixels(Copy(pixels, width, height, stride), width, height, stride);

    /// <summary>The mask's size and pixels as they are, without an image to cover.</summary>
    /// <exception cref="ArgumentException">A tensor of several masks was given, or values do not fit.</exception>
    internal Mask Load(string argument, long pixelLimit)
    {
        using OpenPixels mask = Open(argument, pixelLimit);
        float[] values = new float[mask.Width * mask.Height];
        mask.Read(values);
        return new Mask(mask.Width, mask.Height, values);
    }

    /// <summary>Reads the mask and brings it to its image's size.</summary>
    /// <param name="argument">The caller's argument, which exceptions name.</param>
    /// <param name="pixelLimit">The maximum number of pixels.</param>
    /// <param name="width">The image's pixels per row.</param>
    /// <param name="height">The image's rows.</param>
    /// <param name="destination"><c>[height, width]</c>.</param>
    /// <exception cref="ArgumentException">The proportions or values do not fit, or a tensor holds several masks.</exception>
    internal void Read(string argument, long pixelLimit, int width, int height, Span<float> destination)
    {
        using OpenPixels mask = Open(argument, pixelLimit);
        MaskPlane.Read(argument, mask, width, height, _options.Fit, destination);
    }

    /// <summary>This mask, with a stream's content in memory.</summary>
    internal async Task<MaskInput> BufferAsync(string argument, long pixelLimit, CancellationToken cancellation)
    {
        if (_stream is null)
            return this;
        EncodedBytes.RequireReadable(argument, _stream);
        ReadOnlyMemory<byte> bytes = await EncodedBytes.ReadAsync(new InputName(argument, "the stream"), _stream, pixelLimit, cancellation).ConfigureAwait(false);
        return new(bytes, _options);
    }

    private OpenPixels Open(string argument, long pixelLimit) => _open(new Request(argument, pixelLimit, _options));

    private delegate void RowReader<T>(RawRows<T> rows, Request call, Span<float> map);

    private static MaskInput FromRows<T>(ReadOnlyMemory<T> pixels, int width, int height, int stride, RowReader<T> read)
    {
        int step = RawPixels.Check(nameof(pixels), pixels.Length, width, height, stride);
        return new(call =>
        {
            PixelLimit.Check(new InputName(call.Argument, "the pixel buffer"), width, height, call.PixelLimit);
            return new OpenPixels(width, height, map => read(new RawRows<T>(pixels.Span, width, height, step), call, map));
        });
    }

    private static ReadOnlyMemory<T> Copy<T>(ReadOnlySpan<T> pixels, int width, int height, int stride)
    {
        _ = RawPixels.Check(nameof(pixels), pixels.Length, width, height, stride);
        return pixels.ToArray();
    }
}
