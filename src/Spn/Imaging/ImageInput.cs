using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SkiaSharp;
using Spn.Imaging;

namespace Spn;

/// <summary>
/// An image: a file's path, a stream, an encoded file in memory, an <see cref="SKBitmap"/> and a tensor convert implicitly; raw
/// pixels need <see cref="FromPixels(ReadOnlyMemory{byte}, int, int, PixelFormat, int)"/>.
/// </summary>
/// <remarks>
/// Nothing is read before the refining call, and nothing is kept after it: the file, stream, bitmap, memory or tensor must stay unchanged
/// until that call returns (its task completes, its element is enumerated). A stream is read from its position and stays open, so it serves
/// one call. Files are PNG, JPEG, WebP, GIF or BMP; EXIF orientation is applied. Transparent images are composited over white, as viewers
/// show them.
/// </remarks>
public sealed partial class ImageInput
{
    private const string Argument = "image";

    private readonly Func<long, OpenPixels> _open; // given the maximum number of pixels
    private readonly Stream? _stream;

    private ImageInput(Func<long, OpenPixels> open, Stream? stream = null) => (_open, _stream) = (open, stream);

    /// <summary>An image file.</summary>
    /// <param name="path">Its path.</param>
    [return: NotNullIfNotNull(nameof(path))]
    public static implicit operator ImageInput?(string? path)
        => path is null ? null : new(limit => Open(EncodedImage.Open(Argument, path, limit)));

    /// <summary>An image file in a stream, read from its position to its end.</summary>
    /// <param name="stream">A readable stream; seeking is not needed. Asynchronous calls read it asynchronously.</param>
    [return: NotNullIfNotNull(nameof(stream))]
    public static implicit operator ImageInput?(Stream? stream)
        => stream is null ? null : new(limit => Open(EncodedImage.Open(Argument, stream, limit)), stream);

    /// <summary>
    /// An image file in memory. For raw pixels use <see cref="FromPixels(ReadOnlyMemory{byte}, int, int, PixelFormat, int)"/>.
    /// </summary>
    /// <param name="encoded">The file's bytes, borrowed until the refining call returns.</param>
    public static implicit operator ImageInput(ReadOnlyMemory<byte> encoded)
        => new(limit => Open(EncodedImage.Open(Argument, encoded, limit)));

    /// <inheritdoc cref="op_Implicit(ReadOnlyMemory{byte})"/>
    [return: NotNullIfNotNull(nameof(encoded))]
    public static implicit operator ImageInput?(byte[]? encoded)
        => encoded is null ? null : (ImageInput)(ReadOnlyMemory<byte>)encoded;

    /// <inheritdoc cref="op_Implicit(ReadOnlyMemory{byte})"/>
    public static implicit operator ImageInput(Memory<byte> encoded) => (ReadOnlyMemory<byte>)encoded;

    /// <summary>A bitmap of any colour type.</summary>
    /// <param name="bitmap">The bitmap; the caller still owns it.</param>
    [return: NotNullIfNotNull(nameof(bitmap))]
    public static implicit operator ImageInput?(SKBitmap? bitmap)
        => bitmap is null ? null : new(limit => Open(bitmap, limit));

    /// <summary>The same as the implicit conversion: anything that converts, as an <see cref="ImageInput"/>.</summary>
    /// <param name="image">A path, stream, encoded file, bitmap or tensor.</param>
    /// <exception cref="ArgumentNullException">The image is null.</exception>
    public static ImageInput From(ImageInput image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return image;
    }

    /// <summary>Raw pixels in memory, which is borrowed until the refining call returns.</summary>
    /// <param name="pixels">Rows from top to bottom.</param>
    /// <param name="width">Pixels per row, 1 or more.</param>
    /// <param name="height">Rows, 1 or more.</param>
    /// <param name="format">The order of a pixel's bytes.</param>
    /// <param name="stride">Bytes from one row to the next; 0 (default) means that rows follow each other without gaps.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A size is not positive, the stride is shorter than a row, or the format is undefined.
    /// </exception>
    /// <exception cref="ArgumentException">The buffer is too short.</exception>
    [OverloadResolutionPriority(1)]
    public static ImageInput FromPixels(ReadOnlyMemory<byte> pixels, int width, int height, PixelFormat format, int stride = 0)
    {
        int step = RawPixels.Check(nameof(pixels), pixels.Length, width, height, stride, PixelRows.SizeOf(format));
        return new(limit =>
        {
            PixelLimit.Check(new InputName(Argument, "the pixel buffer"), width, height, limit);
            return new OpenPixels(width, height, planes => ToPlanes(pixels.Span, width, height, format, step, planes));
        });
    }

    /// <summary>Raw pixels in a span, which is copied immediately.</summary>
    /// <inheritdoc cref="FromPixels(ReadOnlyMemory{byte}, int, int, PixelFormat, int)"/>
    public static ImageInput FromPixels(ReadOnlySpan<byte> pixels, int width, int height, PixelFormat format, int stride = 0)
    {
        _ = RawPixels.Check(nameof(pixels), pixels.Length, width, height, stride, PixelRows.SizeOf(format));
        return FromPixels(pixels.ToArray().AsMemory(), width, height, format, stride);
    }

    /// <summary>Reads the image as a refiner sees it: upright, and over white if it is transparent.</summary>
    /// <param name="width">The image's pixels per row.</param>
    /// <param name="height">The image's rows.</param>
    /// <param name="pixelLimit">The maximum number of pixels, 1 to 500 million; default 100 million.</param>
    /// <returns><c>[3, height, width]</c>, RGB in 0..1.</returns>
    /// <exception cref="ArgumentException">The limit is out of range, or a tensor of several images was given.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is not an image, or has more pixels than the limit.</exception>
    public float[] ToPixels(out int width, out int height, long pixelLimit = PixelLimit.Default)
    {
        using OpenPixels source = Open(PixelLimit.Require(pixelLimit));
        (width, height) = (source.Width, source.Height);
        float[] planes = new float[3 * width * height];
        source.Read(planes);
        return planes;
    }

    /// <summary>Opens the image: its size is known, its pixels are not read yet.</summary>
    internal OpenPixels Open(long pixelLimit) => _open(pixelLimit);

    /// <summary>This image, with a stream's content in memory.</summary>
    internal async Task<ImageInput> BufferAsync(long pixelLimit, CancellationToken cancellation)
    {
        if (_stream is null)
            return this;
        EncodedBytes.RequireReadable(Argument, _stream);
        return await EncodedBytes.ReadAsync(new InputName(Argument, "the stream"), _stream, pixelLimit, cancellation).ConfigureAwait(false);
    }

    private static OpenPixels Open(EncodedImage file) => new(file.Width, file.Height, planes =>
    {
        using NativeBuffer<uint> pixels = Decode(file);
        ToPlanes(pixels.Span, file.Width, file.Height, file.IsOpaque, planes);
    }, file, file.IsOpaque ? null : alpha =>
    {
        using NativeBuffer<uint> pixels = Decode(file);
        PixelRows.ToAlpha(pixels.Span, alpha);
    });

    /// <summary>The upright pixels, premultiplied.</summary>
    private static NativeBuffer<uint> Decode(EncodedImage file)
    {
        NativeBuffer<uint> stored = file.DecodeColors(SKAlphaType.Premul);
        _ = Orientation.Upright(stored.Span, file.StoredWidth, file.StoredHeight, file.Origin, out NativeBuffer<uint>? turned);
        if (turned is null)
            return stored;
        stored.Dispose();
        return turned;
    }

    private static OpenPixels Open(SKBitmap bitmap, long pixelLimit)
    {
        BitmapPixels.Check(Argument, bitmap, pixelLimit);
        bool isOpaque = bitmap.AlphaType == SKAlphaType.Opaque;
        return new OpenPixels(bitmap.Width, bitmap.Height, planes =>
        {
            using NativeBuffer<uint> pixels = Read(bitmap);
            ToPlanes(pixels.Span, bitmap.Width, bitmap.Height, isOpaque, planes);
        }, readAlpha: isOpaque ? null : alpha =>
        {
            using NativeBuffer<uint> pixels = Read(bitmap);
            PixelRows.ToAlpha(pixels.Span, alpha);
        });
    }

    /// <summary>The pixels, premultiplied.</summary>
    private static NativeBuffer<uint> Read(SKBitmap bitmap)
    {
        NativeBuffer<uint> pixels = new(bitmap.Width * bitmap.Height);
        try
        {
            BitmapPixels.Read(Argument, bitmap, SKColorType.Rgba8888, SKAlphaType.Premul, MemoryMarshal.AsBytes(pixels.Span));
            return pixels;
        }
        catch
        {
            pixels.Dispose();
            throw;
        }
    }

    private static void ToPlanes(Span<uint> premultiplied, int width, int height, bool isOpaque, Span<float> planes)
    {
        if (!isOpaque)
            PixelRows.OverWhite(premultiplied);
        ToPlanes(MemoryMarshal.AsBytes(premultiplied), width, height, PixelFormat.Rgba32, 4 * width, planes);
    }

    private static void ToPlanes(ReadOnlySpan<byte> pixels, int width, int height, PixelFormat format, int stride, Span<float> planes)
    {
        int plane = width * height, rowBytes = width * PixelRows.SizeOf(format);
        Span<float> red = planes[..plane], green = planes.Slice(plane, plane), blue = planes.Slice(2 * plane, plane);
        for (int y = 0; y < height; y++)
        {
            Range row = (y * width)..((y + 1) * width);
            PixelRows.ToPlanes(pixels.Slice(y * stride, rowBytes), format, red[row], green[row], blue[row]);
        }
    }
}
