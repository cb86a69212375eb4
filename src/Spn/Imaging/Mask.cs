using System.Drawing;
using SkiaSharp;
using Spn.Imaging;
using Spn.Imaging.Shapes;
using Spn.Shared;

namespace Spn;

/// <summary>A mask: a probability in 0..1 for every pixel. Immutable and in managed memory, so there is nothing to dispose.</summary>
public sealed partial class Mask
{
    private readonly float[] _pixels;

    internal Mask(int width, int height, float[] pixels) => (Width, Height, _pixels) = (width, height, pixels);

    /// <summary>Pixels per row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The probabilities in 0..1, row by row from the top, <c>Width · Height</c> of them.</summary>
    public ReadOnlySpan<float> Pixels => _pixels;

    /// <summary>The probability of one pixel.</summary>
    /// <param name="x">Column, 0 at the left.</param>
    /// <param name="y">Row, 0 at the top.</param>
    /// <exception cref="ArgumentOutOfRangeException">The pixel is outside the mask.</exception>
    public float this[int x, int y]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)x, (uint)Width, nameof(x));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)y, (uint)Height, nameof(y));
            return _pixels[y * Width + x];
        }
    }

    internal ReadOnlyMemory<float> Memory => _pixels;

    /// <summary>Loads a mask as it is, without refining it: <c>Mask.Load("mask.png")</c>.</summary>
    /// <param name="mask">
    /// A path, stream, encoded file, bitmap, tensor or raw pixels. Its <see cref="MaskOptions.Fit"/> has no effect here.
    /// </param>
    /// <param name="pixelLimit">The maximum number of pixels, 1 to 500 million; default 100 million.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limit is out of range.</exception>
    /// <exception cref="ArgumentException">The mask is null, a folder, or its values do not fit.</exception>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is not an image, truncated, too large, coloured, or holds several labels.
    /// </exception>
    public static Mask Load(MaskInput mask, long pixelLimit = PixelLimit.Default)
    {
        ArgumentNullException.ThrowIfNull(mask);
        return mask.Load(nameof(mask), PixelLimit.Require(pixelLimit));
    }

    /// <summary>Loads a mask as <see cref="Refiner"/> lays it over an image of that size, without refining it.</summary>
    /// <param name="mask">A path, stream, encoded file, bitmap, tensor or raw pixels, with its <see cref="MaskOptions"/>.</param>
    /// <param name="width">The image's pixels per row, 1 or more.</param>
    /// <param name="height">The image's rows, 1 or more.</param>
    /// <param name="pixelLimit">The maximum number of pixels of mask and image, 1 to 500 million; default 100 million.</param>
    /// <returns>A mask of the image's size.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive or above the limit, or the limit is out of range.</exception>
    /// <exception cref="ArgumentException">The mask is null, a folder, or its proportions or values do not fit.</exception>
    /// <inheritdoc cref="Load(MaskInput, long)"/>
    public static Mask Load(MaskInput mask, int width, int height, long pixelLimit = PixelLimit.Default)
    {
        ArgumentNullException.ThrowIfNull(mask);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)width * height, PixelLimit.Require(pixelLimit), nameof(width));
        float[] pixels = new float[width * height];
        mask.Read(nameof(mask), pixelLimit, width, height, pixels);
        return new Mask(width, height, pixels);
    }

    /// <summary>Loads a mask; a stream is read asynchronously, everything else on a pool thread.</summary>
    /// <param name="mask">A path, stream, encoded file, bitmap, tensor or raw pixels.</param>
    /// <param name="pixelLimit">The maximum number of pixels, 1 to 500 million; default 100 million.</param>
    /// <param name="cancellation">Cancels the reading.</param>
    /// <inheritdoc cref="Load(MaskInput, long)"/>
    public static Task<Mask> LoadAsync(MaskInput mask, long pixelLimit = PixelLimit.Default, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(mask);
        PixelLimit.Require(pixelLimit);
        return Task.Run(async () => (await mask.BufferAsync(nameof(mask), pixelLimit, cancellation).ConfigureAwait(false)).Load(nameof(mask), pixelLimit), cancellation);
    }

    /// <summary>Draws polygons: a pixel is 1 if its centre lies inside one of them, otherwise 0.</summary>
    /// <param name="polygons">
    /// Polygons in pixels, with (0, 0) at the top left corner of the first pixel. Parts outside the mask are cut off.
    /// </param>
    /// <param name="width">Pixels per row, 1 or more.</param>
    /// <param name="height">Rows, 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    /// <exception cref="ArgumentNullException">The polygons or one of them are null.</exception>
    public static Mask FromPolygons(IEnumerable<MaskPolygon> polygons, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(polygons);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        float[] pixels = new float[checked(width * height)];
        foreach (MaskPolygon polygon in polygons)
        {
            ArgumentNullException.ThrowIfNull(polygon, nameof(polygons));
            PolygonFill.Fill(polygon, width, height, pixels);
        }
        return new Mask(width, height, pixels);
    }

    /// <summary>A hard mask: 1 where the probability is at least the threshold, otherwise 0.</summary>
    /// <param name="threshold">0..1; default 0.5.</param>
    /// <exception cref="ArgumentOutOfRangeException">The threshold is NaN or outside 0..1.</exception>
    public Mask Threshold(float threshold = 0.5f)
    {
        RequireThreshold(threshold);
        return Map(value => value >= threshold ? 1f : 0f);
    }

    /// <summary>Stretches the probabilities between two levels over 0..1; what lies below or above becomes 0 or 1.</summary>
    /// <param name="black">The highest probability that becomes 0; 0 or more.</param>
    /// <param name="white">The lowest one that becomes 1; more than <paramref name="black"/>, at most 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A level is NaN or out of range.</exception>
    public Mask Levels(float black, float white)
    {
        if (!(black >= 0))
            throw new ArgumentOutOfRangeException(nameof(black), black, "Expected 0 or more.");
        if (!(white > black && white <= 1))
            throw new ArgumentOutOfRangeException(nameof(white), white, $"Expected more than {black}, at most 1.");
        return Map(value => Stretch(value, black, white));
    }

    internal static float Stretch(float value, float black, float white) => Math.Clamp((value - black) / (white - black), 0f, 1f);

    /// <summary>The background's mask: 1 - p for every probability p.</summary>
    public Mask Invert() => Map(value => 1 - value);

    /// <summary>
    /// The mask at another size: bilinear between pixel centres along an axis that grows, the average over areas along one that shrinks.
    /// </summary>
    /// <param name="width">Pixels per row, 1 or more. Proportions need not be kept.</param>
    /// <param name="height">Rows, 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    public Mask Resize(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        float[] pixels = new float[checked(width * height)];
        PlaneResize.Resample(y => _pixels.AsSpan(y * Width, Width), Width, Height, new(0, 0, Width, Height), pixels, width, height);
        return new Mask(width, height, pixels);
    }

    /// <summary>
    /// Removes islands and holes of fewer pixels than <paramref name="minArea"/>: for every threshold, what is left of the mask and of its
    /// background has only parts of that size or more, unless the whole mask is smaller. (Area opening followed by area closing: Vincent
    /// 1992.)
    /// </summary>
    /// <param name="minArea">The smallest number of pixels that stays, 1 (which changes nothing) or more.</param>
    /// <remarks>Pixels of an island are connected by sides or corners, those of a hole by sides.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The area is below 1.</exception>
    public Mask RemoveSpecks(int minArea)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(minArea, 1);
        float[] pixels = [.. _pixels];
        AreaFilter.RemoveIslandsAndHoles(pixels, Width, Height, minArea);
        return new Mask(Width, Height, pixels);
    }

    /// <summary>The smallest rectangle that holds every pixel at or above the threshold; empty if there is none.</summary>
    /// <param name="threshold">0..1; default 0.5.</param>
    /// <exception cref="ArgumentOutOfRangeException">The threshold is NaN or outside 0..1.</exception>
    public Rectangle BoundingBox(float threshold = 0.5f)
    {
        RequireThreshold(threshold);
        int left = Width, right = -1, top = Height, bottom = -1;
        for (int i = 0; i < _pixels.Length; i++)
        {
            if (_pixels[i] < threshold)
                continue;
            (int y, int x) = int.DivRem(i, Width);
            (left, right) = (Math.Min(left, x), Math.Max(right, x));
            (top, bottom) = (Math.Min(top, y), y);
        }
        return right < 0 ? Rectangle.Empty : Rectangle.FromLTRB(left, top, right + 1, bottom + 1);
    }

    /// <summary>The outlines of the pixels at or above the threshold, along the edges of pixels.</summary>
    /// <param name="threshold">0..1; default 0.5.</param>
    /// <param name="tolerance">
    /// How far in pixels a simplified outline may be from the exact one (Douglas and Peucker 1973); parts that shrink to a line are
    /// dropped. Default 0: exact, so that <see cref="FromPolygons"/> gives the same pixels back.
    /// </param>
    /// <returns>One polygon per part, with its holes. Pixels that touch at corners only are separate parts.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The threshold is NaN or outside 0..1, or the tolerance is negative or not finite.
    /// </exception>
    public IReadOnlyList<MaskPolygon> ToPolygons(float threshold = 0.5f, float tolerance = 0)
    {
        RequireThreshold(threshold);
        if (!(tolerance >= 0 && float.IsFinite(tolerance)))
            throw new ArgumentOutOfRangeException(nameof(tolerance), tolerance, "Expected 0 or more.");
        return OutlineTracer.Trace(_pixels, Width, Height, threshold, tolerance);
    }

    /// <summary>The mask in bytes, 0..1 as 0..255, row by row from the top.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[_pixels.Length];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>Copies the probabilities.</summary>
    /// <param name="destination">At least <c>Width · Height</c> elements.</param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public void CopyTo(Span<float> destination)
    {
        RequireLength(destination.Length);
        _pixels.CopyTo(destination);
    }

    /// <summary>Copies the mask as bytes, 0..1 as 0..255, rounded.</summary>
    /// <param name="destination">At least <c>Width · Height</c> elements.</param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public void CopyTo(Span<byte> destination)
    {
        RequireLength(destination.Length);
        for (int i = 0; i < _pixels.Length; i++)
            destination[i] = (byte)(_pixels[i] * 255f + 0.5f);
    }

    /// <summary>Saves the mask in the format of the file name's extension. The file appears completely or not at all.</summary>
    /// <param name="path">
    /// A name that ends in <c>.png</c>, <c>.webp</c> (lossless), <c>.jpg</c> or <c>.jpeg</c>; an existing file is replaced.
    /// </param>
    /// <exception cref="ArgumentException">The path is empty or has another extension.</exception>
    /// <exception cref="IOException">
    /// The file cannot be written; <see cref="DirectoryNotFoundException"/> if its folder does not exist.
    /// </exception>
    public void Save(string path) => Save(path, MaskEncoder.FormatOf(path));

    /// <summary>Saves the mask in a format, whatever the file is called. The file appears completely or not at all.</summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="format">The format.</param>
    /// <exception cref="ArgumentException">The path is empty or the format undefined.</exception>
    /// <exception cref="IOException">
    /// The file cannot be written; <see cref="DirectoryNotFoundException"/> if its folder does not exist.
    /// </exception>
    public void Save(string path, MaskFormat format)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ReadOnlyMemory<byte> file = MaskEncoder.Encode(this, format);
        AtomicFile.Write(path, stream => stream.Write(file.Span));
    }

    /// <summary>Writes an 8-bit grey PNG to a stream.</summary>
    /// <param name="stream">A writable stream; it stays open.</param>
    /// <exception cref="ArgumentNullException">The stream is null.</exception>
    public void Save(Stream stream) => Save(stream, MaskFormat.Png);

    /// <summary>Writes the mask to a stream.</summary>
    /// <param name="stream">A writable stream; it stays open.</param>
    /// <param name="format">The format.</param>
    /// <exception cref="ArgumentException">The stream is null or the format undefined.</exception>
    public void Save(Stream stream, MaskFormat format)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.Write(MaskEncoder.Encode(this, format).Span);
    }

    /// <summary>Saves the mask in the format of the file name's extension, without blocking.</summary>
    /// <param name="path">
    /// A name that ends in <c>.png</c>, <c>.webp</c> (lossless), <c>.jpg</c> or <c>.jpeg</c>; an existing file is replaced.
    /// </param>
    /// <param name="cancellation">Cancels the writing; the file then does not appear.</param>
    /// <inheritdoc cref="Save(string)"/>
    public Task SaveAsync(string path, CancellationToken cancellation = default)
        => AtomicFile.WriteAsync(path, MaskEncoder.Encode(this, MaskEncoder.FormatOf(path)), cancellation);

    /// <summary>Writes the mask to a stream with asynchronous writes only, as ASP.NET's response bodies require.</summary>
    /// <param name="stream">A writable stream; it stays open.</param>
    /// <param name="format">The format; default PNG with 8 bits.</param>
    /// <param name="cancellation">Cancels the writing.</param>
    /// <exception cref="ArgumentException">The stream is null or the format undefined.</exception>
    public Task SaveAsync(Stream stream, MaskFormat format = MaskFormat.Png, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return stream.WriteAsync(MaskEncoder.Encode(this, format), cancellation).AsTask();
    }

    /// <summary>A new Gray8 bitmap, which the caller disposes.</summary>
    public SKBitmap ToSKBitmap()
    {
        SKBitmap bitmap = new(Width, Height, SKColorType.Gray8, SKAlphaType.Opaque);
        Span<byte> target = bitmap.GetPixelSpan();
        byte[] bytes = ToBytes();
        for (int y = 0; y < Height; y++)
            bytes.AsSpan(y * Width, Width).CopyTo(target[(y * bitmap.RowBytes)..]);
        return bitmap;
    }

    internal static void RequireThreshold(float threshold)
    {
        if (!(threshold >= 0 && threshold <= 1))
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "Expected 0..1.");
    }

    private Mask Map(Func<float, float> change) => new(Width, Height, Array.ConvertAll(_pixels, value => change(value)));

    private void RequireLength(int length, string argument = "destination")
    {
        if (length < _pixels.Length)
        {
            throw new ArgumentException(
                $"{argument}: {Width} x {Height} pixels need {_pixels.Length:N0} elements, got {length:N0}.", argument);
        }
    }
}
