using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SkiaSharp;
using Spn.Imaging;
using TorchSharp;

namespace Spn;

/// <summary>
/// A picture to follow, from wherever it is: a file's path, a stream, an <see cref="SKBitmap"/> and a tensor convert by themselves; raw
/// pixels come by <see cref="FromPixels(ReadOnlyMemory{byte}, int, int, PixelFormat, int)"/>.
/// </summary>
/// <remarks>
/// Nothing is read before the refining call, and nothing is kept after it: the file, stream, bitmap, memory or tensor must live and stay
/// unchanged until that call returns (its task completes, its element is enumerated). A stream is read from where it stands and stays open, so it serves one call.
/// EXIF orientation is applied. Transparent files and bitmaps are seen over white, as viewers show them.
/// </remarks>
public sealed class ImageInput
{
    private readonly Func<long, torch.Tensor> _load;

    private ImageInput(Func<long, torch.Tensor> load) => _load = load;

    /// <summary>Reads the image as a refiner sees it: upright, and over white where it is transparent.</summary>
    /// <param name="pixelLimit">The largest number of pixels that a file may have, 1 to 500 million.</param>
    /// <returns>
    /// RGB in 0..1, <c>[1, 3, H, W]</c>, float32, on the CPU or on the given tensor's device. The caller disposes it; it may share memory with a given tensor.
    /// </returns>
    /// <exception cref="ArgumentException">A tensor of several images was given.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is no image, or has more pixels than the limit.</exception>
    public torch.Tensor ToTensor(long pixelLimit = PixelLimit.Default)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        return LoadOne(PixelLimit.Require(pixelLimit)).alias().MoveToOuterDisposeScope();
    }

    /// <summary><c>[1, 3, H, W]</c> float32 RGB in 0..1, on the CPU or where the given tensor is.</summary>
    /// <exception cref="ArgumentException">A tensor of several images was given.</exception>
    internal torch.Tensor LoadOne(long pixelLimit)
    {
        torch.Tensor image = _load(pixelLimit);
        TensorPixels.RequireOne("image", image.shape[0]);
        return image;
    }

    /// <summary>A PNG, JPEG, WebP, GIF or BMP file.</summary>
    /// <param name="path">Its path.</param>
    [return: NotNullIfNotNull(nameof(path))]
    public static implicit operator ImageInput?(string? path)
        => path is null ? null : new(limit => Decode(EncodedImage.Open("image", path, limit)));

    /// <summary>A PNG, JPEG, WebP, GIF or BMP file in a stream, read from where it stands to its end.</summary>
    /// <param name="stream">A readable stream; seeking is not needed.</param>
    [return: NotNullIfNotNull(nameof(stream))]
    public static implicit operator ImageInput?(Stream? stream)
        => stream is null ? null : new(limit => Decode(EncodedImage.Open("image", stream, limit)));

    /// <summary>A bitmap of any colour type.</summary>
    /// <param name="bitmap">The bitmap; it stays the caller's.</param>
    [return: NotNullIfNotNull(nameof(bitmap))]
    public static implicit operator ImageInput?(SKBitmap? bitmap)
        => bitmap is null ? null : new(limit => Convert(bitmap, limit));

    /// <summary>A tensor <c>[3, H, W]</c> or <c>[N, 3, H, W]</c>, RGB, floating point in 0..1 or uint8, on any device.</summary>
    /// <param name="tensor">The tensor; it stays the caller's and unchanged.</param>
    [return: NotNullIfNotNull(nameof(tensor))]
    public static implicit operator ImageInput?(torch.Tensor? tensor)
        => tensor is null ? null : new(limit => TensorPixels.Image("image", tensor, limit));

    /// <summary>Raw pixels in memory, which is borrowed until the refining call returns.</summary>
    /// <param name="pixels">Rows from top to bottom.</param>
    /// <param name="width">Pixels a row, 1 or more.</param>
    /// <param name="height">Rows, 1 or more.</param>
    /// <param name="format">The order of a pixel's bytes.</param>
    /// <param name="stride">Bytes from one row to the next; 0 (default) means that rows follow each other without gaps.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, the stride is shorter than a row, or the format is unknown.</exception>
    /// <exception cref="ArgumentException">The buffer is too short.</exception>
    [OverloadResolutionPriority(1)]
    public static ImageInput FromPixels(ReadOnlyMemory<byte> pixels, int width, int height, PixelFormat format, int stride = 0)
    {
        int step = RawPixels.Check(nameof(pixels), pixels.Length, width, height, stride, PixelRows.SizeOf(format));
        return new(limit =>
        {
            PixelLimit.Check("image: the pixel buffer", width, height, limit);
            return ToPlanes(pixels.Span, width, height, format, step);
        });
    }

    /// <summary>Raw pixels in a span, which is copied now.</summary>
    /// <inheritdoc cref="FromPixels(ReadOnlyMemory{byte}, int, int, PixelFormat, int)"/>
    public static ImageInput FromPixels(ReadOnlySpan<byte> pixels, int width, int height, PixelFormat format, int stride = 0)
    {
        _ = RawPixels.Check(nameof(pixels), pixels.Length, width, height, stride, PixelRows.SizeOf(format));
        return FromPixels(pixels.ToArray().AsMemory(), width, height, format, stride);
    }

    private static torch.Tensor Decode(EncodedImage opened)
    {
        using EncodedImage file = opened;
        using torch.Tensor pixels = torch.empty(file.Height, file.Width, 4, dtype: torch.uint8);
        file.Decode(SKColorType.Rgba8888, SKAlphaType.Premul, pixels.bytes);
        return Orientation.Upright(ToPlanes(pixels.bytes, file.Width, file.Height, file.IsOpaque), file.Origin);
    }

    private static torch.Tensor Convert(SKBitmap bitmap, long pixelLimit)
    {
        BitmapPixels.Check("image", bitmap, pixelLimit);
        using torch.Tensor pixels = torch.empty(bitmap.Height, bitmap.Width, 4, dtype: torch.uint8);
        BitmapPixels.Read("image", bitmap, SKColorType.Rgba8888, SKAlphaType.Premul, pixels.bytes);
        return ToPlanes(pixels.bytes, bitmap.Width, bitmap.Height, bitmap.AlphaType == SKAlphaType.Opaque);
    }

    private static torch.Tensor ToPlanes(Span<byte> premultiplied, int width, int height, bool isOpaque)
    {
        if (!isOpaque)
            PixelRows.OverWhite(MemoryMarshal.Cast<byte, uint>(premultiplied));
        return ToPlanes(premultiplied, width, height, PixelFormat.Rgba32, 4 * width);
    }

    private static torch.Tensor ToPlanes(ReadOnlySpan<byte> pixels, int width, int height, PixelFormat format, int stride)
    {
        torch.Tensor image = torch.empty(1, 3, height, width, dtype: torch.float32);
        using torch.Tensor r = image.select(1, 0), g = image.select(1, 1), b = image.select(1, 2);
        Span<float> red = r.Span<float>(), green = g.Span<float>(), blue = b.Span<float>();
        int rowBytes = width * PixelRows.SizeOf(format);
        for (int y = 0; y < height; y++)
        {
            Range row = (y * width)..((y + 1) * width);
            PixelRows.ToPlanes(pixels.Slice(y * stride, rowBytes), format, red[row], green[row], blue[row]);
        }
        return image;
    }
}
