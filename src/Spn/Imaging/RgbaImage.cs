using System.Drawing;
using System.Runtime.InteropServices;
using SkiaSharp;
using Spn.Imaging;
using Spn.Shared;

namespace Spn;

/// <summary>
/// A picture with alpha, 8 bits per channel, such as a cut-out. Colours are not multiplied by alpha. Immutable and in managed memory, so
/// there is nothing to dispose.
/// </summary>
public sealed class RgbaImage
{
    private readonly byte[] _pixels;

    internal RgbaImage(int width, int height, byte[] pixels) => (Width, Height, _pixels) = (width, height, pixels);

    /// <summary>Pixels per row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Red, green, blue and alpha of each pixel, row by row from the top, <c>4 · Width · Height</c> bytes.</summary>
    public ReadOnlySpan<byte> Pixels => _pixels;

    /// <summary>The colour and alpha of one pixel.</summary>
    /// <param name="x">Column, 0 at the left.</param>
    /// <param name="y">Row, 0 at the top.</param>
    /// <exception cref="ArgumentOutOfRangeException">The pixel is outside the picture.</exception>
    public SKColor this[int x, int y]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)x, (uint)Width, nameof(x));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)y, (uint)Height, nameof(y));
            ReadOnlySpan<byte> pixel = _pixels.AsSpan(4 * (y * Width + x), 4);
            return new SKColor(pixel[0], pixel[1], pixel[2], pixel[3]);
        }
    }

    /// <summary>The picture over a colour. Colours are blended as they are stored (sRGB), as browsers do.</summary>
    /// <param name="color">The colour; if it is transparent itself, so is the result.</param>
    public RgbaImage Over(SKColor color)
    {
        byte[] pixels = new byte[_pixels.Length];
        MemoryMarshal.Cast<byte, uint>(pixels.AsSpan()).Fill(MemoryMarshal.Read<uint>([color.Red, color.Green, color.Blue, color.Alpha]));
        AlphaBlend.Over(_pixels, pixels);
        return new RgbaImage(Width, Height, pixels);
    }

    /// <summary>
    /// The picture over another one. The other one is scaled until it covers this one, with its proportions, and what is left over is cut
    /// off evenly on both sides.
    /// </summary>
    /// <param name="background">The other picture; what is transparent in it becomes white.</param>
    /// <param name="pixelLimit">The maximum number of pixels of the other picture, 1 to 500 million; default 100 million.</param>
    /// <returns>An opaque picture of the size of this one.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The limit is out of range.</exception>
    /// <exception cref="ArgumentException">The background is null or a folder.</exception>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">The file is not an image, truncated, or too large.</exception>
    public RgbaImage Over(ImageInput background, long pixelLimit = PixelLimit.Default)
    {
        ArgumentNullException.ThrowIfNull(background);
        using OpenPixels source = background.Open(PixelLimit.Require(pixelLimit));
        using Planes below = new(3, source.Height, source.Width), scaled = new(3, Height, Width);
        source.Read(below.All);
        double scale = Math.Min((double)source.Width / Width, (double)source.Height / Height);
        (double width, double height) = (Width * scale, Height * scale);
        PlaneResize.Region region = new((source.Width - width) / 2, (source.Height - height) / 2, width, height);
        byte[] pixels = new byte[_pixels.Length];
        pixels.AsSpan().Fill(255);
        for (int channel = 0; channel < 3; channel++)
        {
            int plane = channel;
            PlaneResize.Resample(y => below.Row(plane, y), source.Width, source.Height, region, scaled[channel], Width, Height);
            ReadOnlySpan<float> values = scaled[channel];
            for (int i = 0; i < values.Length; i++)
                pixels[4 * i + channel] = (byte)(values[i] * 255f + 0.5f);
        }
        AlphaBlend.Over(_pixels, pixels);
        return new RgbaImage(Width, Height, pixels);
    }

    /// <summary>A part of the picture.</summary>
    /// <param name="area">The part in pixels, inside the picture and not empty.</param>
    /// <exception cref="ArgumentException">The area is empty, or not inside the picture.</exception>
    public RgbaImage Crop(Rectangle area)
    {
        if (area.Width < 1 || area.Height < 1 || !new Rectangle(0, 0, Width, Height).Contains(area))
        {
            throw new ArgumentException(
                $"area: expected a part of the {Width} x {Height} picture, got {area.Width} x {area.Height} at ({area.X}, {area.Y}).",
                nameof(area));
        }
        byte[] pixels = new byte[4 * area.Width * area.Height];
        for (int y = 0; y < area.Height; y++)
            _pixels.AsSpan(4 * ((area.Y + y) * Width + area.X), 4 * area.Width).CopyTo(pixels.AsSpan(4 * y * area.Width));
        return new RgbaImage(area.Width, area.Height, pixels);
    }

    /// <summary>The smallest part of the picture that holds every pixel whose alpha is at least <paramref name="minAlpha"/>.</summary>
    /// <param name="padding">How many pixels to keep around it, 0 or more, as far as the picture reaches; default 0.</param>
    /// <param name="minAlpha">1..255; default 13, a twentieth, so that faint remains far from the object do not count.</param>
    /// <returns>The part; the whole picture if there is no such pixel.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The padding is negative, or the alpha 0.</exception>
    public RgbaImage CropToObject(int padding = 0, byte minAlpha = 13)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(padding);
        ArgumentOutOfRangeException.ThrowIfLessThan(minAlpha, 1);
        Rectangle box = ToMask().BoundingBox(minAlpha / 255f);
        if (box.IsEmpty)
            return this;
        padding = Math.Min(padding, Math.Max(Width, Height));
        box.Inflate(padding, padding);
        return Crop(Rectangle.Intersect(box, new Rectangle(0, 0, Width, Height)));
    }

    /// <summary>The alpha as a mask.</summary>
    public Mask ToMask()
    {
        float[] alpha = new float[Width * Height];
        PixelRows.ToAlpha(MemoryMarshal.Cast<byte, uint>(Pixels), alpha);
        return new Mask(Width, Height, alpha);
    }

    /// <summary>A new bitmap of type Rgba8888 that is not premultiplied, which the caller disposes.</summary>
    public SKBitmap ToSKBitmap()
    {
        SKBitmap bitmap = new(new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        _pixels.CopyTo(bitmap.GetPixelSpan());
        return bitmap;
    }

    /// <summary>Saves the picture as a PNG file, which appears completely or not at all.</summary>
    /// <param name="path">A name that ends in <c>.png</c>; an existing file is replaced.</param>
    /// <exception cref="ArgumentException">The path is empty or has another extension.</exception>
    /// <exception cref="IOException">
    /// The file cannot be written; <see cref="DirectoryNotFoundException"/> if its folder does not exist.
    /// </exception>
    public void Save(string path)
    {
        RequirePng(path);
        byte[] file = ToPng();
        AtomicFile.Write(path, stream => stream.Write(file));
    }

    /// <summary>Writes a PNG file to a stream.</summary>
    /// <param name="stream">A writable stream; it stays open.</param>
    /// <exception cref="ArgumentNullException">The stream is null.</exception>
    public void Save(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.Write(ToPng());
    }

    /// <summary>Saves the picture as a PNG file without blocking.</summary>
    /// <param name="path">A name that ends in <c>.png</c>; an existing file is replaced.</param>
    /// <param name="cancellation">Cancels the writing; the file then does not appear.</param>
    /// <inheritdoc cref="Save(string)"/>
    public Task SaveAsync(string path, CancellationToken cancellation = default)
    {
        RequirePng(path);
        return AtomicFile.WriteAsync(path, ToPng(), cancellation);
    }

    /// <summary>Writes a PNG file to a stream with asynchronous writes only, as ASP.NET's response bodies require.</summary>
    /// <param name="stream">A writable stream; it stays open.</param>
    /// <param name="cancellation">Cancels the writing.</param>
    /// <exception cref="ArgumentNullException">The stream is null.</exception>
    public Task SaveAsync(Stream stream, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return stream.WriteAsync(ToPng(), cancellation).AsTask();
    }

    private byte[] ToPng()
    {
        using SKBitmap bitmap = ToSKBitmap();
        using SKPixmap pixmap = bitmap.PeekPixels();
        using SKData data = pixmap.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.AllFilters, zLibLevel: 4))
            ?? throw new InvalidOperationException($"A picture of {Width} x {Height} pixels is too large for a PNG file.");
        return data.ToArray();
    }

    private static void RequirePng(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (!Path.GetExtension(path).Equals(".png", StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException(
                $"path: expected a name that ends in .png, got '{path}'. ToSKBitmap gives a bitmap for other formats.", nameof(path));
        }
    }
}
