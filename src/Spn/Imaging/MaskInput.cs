using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using SkiaSharp;
using Spn.Imaging;
using TorchSharp;

namespace Spn;

/// <summary>
/// A coarse mask of one object, from wherever it is: a file's path, a stream, an <see cref="SKBitmap"/>, a <see cref="Mask"/> and a tensor
/// convert by themselves; raw pixels come by <c>FromPixels</c>. It may be smaller than the image (a network's output).
/// </summary>
/// <remarks>
/// 8-bit values 0..255 mean probabilities 0..1, so a mask of zeros and ones belongs into bool or float; floats are probabilities themselves. In files and bitmaps an alpha that varies is the mask
/// (a cut-out); otherwise the grey value is. A palette of greys counts as grey; in a palette of colours index 0 is background, one other
/// index the object and 255 undecided (0.5): with more objects it is a <see cref="LabelMap"/>. EXIF orientation is applied.
/// Lifetimes are those of <see cref="ImageInput"/>.
/// </remarks>
public sealed class MaskInput
{
    private readonly Func<string, long, torch.Tensor> _load; // what exceptions call it, and the most pixels

    private MaskInput(Func<string, long, torch.Tensor> load) => _load = load;

    /// <summary><c>[1, 1, H, W]</c> float32 in 0..1, on the CPU or where the given tensor is.</summary>
    /// <exception cref="ArgumentException">A tensor of several masks was given.</exception>
    internal torch.Tensor LoadOne(long pixelLimit, string argument = "coarseMask")
    {
        torch.Tensor map = _load(argument, pixelLimit);
        TensorPixels.RequireOne(argument, map.shape[0] * map.shape[1]);
        return map;
    }

    /// <summary>A PNG, JPEG, WebP, GIF or BMP file.</summary>
    /// <param name="path">Its path.</param>
    [return: NotNullIfNotNull(nameof(path))]
    public static implicit operator MaskInput?(string? path)
        => path is null ? null : new((argument, limit) => MaskPixels.Decode(EncodedImage.Open(argument, path, limit)));

    /// <summary>A PNG, JPEG, WebP, GIF or BMP file in a stream, read from where it stands to its end.</summary>
    /// <param name="stream">A readable stream; seeking is not needed.</param>
    [return: NotNullIfNotNull(nameof(stream))]
    public static implicit operator MaskInput?(Stream? stream)
        => stream is null ? null : new((argument, limit) => MaskPixels.Decode(EncodedImage.Open(argument, stream, limit)));

    /// <summary>A bitmap: Gray8 and Alpha8 as they are, other colour types by the rule of files.</summary>
    /// <param name="bitmap">The bitmap; it stays the caller's.</param>
    [return: NotNullIfNotNull(nameof(bitmap))]
    public static implicit operator MaskInput?(SKBitmap? bitmap)
        => bitmap is null ? null : new((argument, limit) => MaskPixels.Convert(argument, bitmap, limit));

    /// <summary>A mask, such as an earlier result.</summary>
    /// <param name="mask">The mask.</param>
    [return: NotNullIfNotNull(nameof(mask))]
    public static implicit operator MaskInput?(Mask? mask)
        => mask is null ? null : FromPixels(mask.Memory, mask.Width, mask.Height);

    /// <summary>A tensor <c>[H, W]</c>, <c>[1, H, W]</c> or <c>[1, 1, H, W]</c>, floating point in 0..1, uint8 in 0..255 or bool, on any device.</summary>
    /// <param name="tensor">The tensor; it stays the caller's and unchanged.</param>
    [return: NotNullIfNotNull(nameof(tensor))]
    public static implicit operator MaskInput?(torch.Tensor? tensor)
        => tensor is null ? null : new((argument, limit) => TensorPixels.Masks(argument, tensor, limit));

    /// <summary>Raw 8-bit values, 0..255 for 0..1, in memory that is borrowed until the refining call returns.</summary>
    /// <param name="pixels">Rows from top to bottom.</param>
    /// <param name="width">Pixels a row, 1 or more.</param>
    /// <param name="height">Rows, 1 or more.</param>
    /// <param name="stride">Elements from one row to the next; 0 (default) means that rows follow each other without gaps.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or the stride is shorter than a row.</exception>
    /// <exception cref="ArgumentException">The buffer is too short.</exception>
    [OverloadResolutionPriority(1)]
    public static MaskInput FromPixels(ReadOnlyMemory<byte> pixels, int width, int height, int stride = 0)
        => FromRows(pixels, width, height, stride, PixelRows.ToUnit);

    /// <summary>Raw 8-bit values, 0..255 for 0..1, in a span that is copied now.</summary>
    /// <inheritdoc cref="FromPixels(ReadOnlyMemory{byte}, int, int, int)"/>
    public static MaskInput FromPixels(ReadOnlySpan<byte> pixels, int width, int height, int stride = 0)
        => FromPixels(Copy(pixels, width, height, stride), width, height, stride);

    /// <summary>Raw probabilities in 0..1, in memory that is borrowed until the refining call returns.</summary>
    /// <inheritdoc cref="FromPixels(ReadOnlyMemory{byte}, int, int, int)"/>
    [OverloadResolutionPriority(1)]
    public static MaskInput FromPixels(ReadOnlyMemory<float> pixels, int width, int height, int stride = 0)
    {
        MaskInput rows = FromRows(pixels, width, height, stride, static (row, map) => row.CopyTo(map));
        return new((argument, limit) => TensorPixels.RequireUnit(argument, rows._load(argument, limit)));
    }

    /// <summary>Raw probabilities in 0..1, in a span that is copied now.</summary>
    /// <inheritdoc cref="FromPixels(ReadOnlyMemory{byte}, int, int, int)"/>
    public static MaskInput FromPixels(ReadOnlySpan<float> pixels, int width, int height, int stride = 0)
        => FromPixels(Copy(pixels, width, height, stride), width, height, stride);

    /// <summary>Raw yes or no, in memory that is borrowed until the refining call returns.</summary>
    /// <inheritdoc cref="FromPixels(ReadOnlyMemory{byte}, int, int, int)"/>
    [OverloadResolutionPriority(1)]
    public static MaskInput FromPixels(ReadOnlyMemory<bool> pixels, int width, int height, int stride = 0)
        => FromRows(pixels, width, height, stride, static (row, map) =>
        {
            for (int x = 0; x < row.Length; x++)
                map[x] = row[x] ? 1f : 0f;
        });

    /// <summary>Raw yes or no, in a span that is copied now.</summary>
    /// <inheritdoc cref="FromPixels(ReadOnlyMemory{byte}, int, int, int)"/>
    public static MaskInput FromPixels(ReadOnlySpan<bool> pixels, int width, int height, int stride = 0)
        => FromPixels(Copy(pixels, width, height, stride), width, height, stride);

    private delegate void RowConversion<T>(ReadOnlySpan<T> row, Span<float> map);

    private static MaskInput FromRows<T>(ReadOnlyMemory<T> pixels, int width, int height, int stride, RowConversion<T> convert)
    {
        int step = RawPixels.Check(nameof(pixels), pixels.Length, width, height, stride);
        return new((argument, limit) =>
        {
            PixelLimit.Check($"{argument}: the pixel buffer", width, height, limit);
            torch.Tensor map = TensorPixels.NewMap(width, height);
            Span<float> values = map.Span<float>();
            for (int y = 0; y < height; y++)
                convert(pixels.Span.Slice(y * step, width), values.Slice(y * width, width));
            return map;
        });
    }

    private static ReadOnlyMemory<T> Copy<T>(ReadOnlySpan<T> pixels, int width, int height, int stride)
    {
        _ = RawPixels.Check(nameof(pixels), pixels.Length, width, height, stride);
        return pixels.ToArray();
    }
}
