using System.Buffers;
using System.Runtime.InteropServices;
using SkiaSharp;
using Spn.Imaging.Png;

namespace Spn.Imaging;

/// <summary>An image file in memory: its header is read and its size is within the limit; its pixels are not decoded yet.</summary>
internal sealed class EncodedImage : IDisposable
{
    private readonly InputName _name;
    private readonly ReadOnlyMemory<byte> _bytes;
    private MemoryHandle _pin;
    private SKData? _data;
    private SKCodec? _codec;

    /// <summary>Opens a file.</summary>
    /// <param name="argument">The caller's argument, which every exception names.</param>
    /// <param name="path">The file.</param>
    /// <param name="pixelLimit">The maximum number of pixels.</param>
    /// <exception cref="ArgumentException">The path is empty or a folder.</exception>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">The file is not an image, or has too many pixels.</exception>
    public static EncodedImage Open(string argument, string path, long pixelLimit)
    {
        if (string.IsNullOrWhiteSpace(path))
            throw new ArgumentException($"{argument}: the path is empty; expected the path of an image file.", argument);
        if (Directory.Exists(path))
            throw new ArgumentException($"{argument}: '{path}' is a folder; expected an image file.", argument);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{argument}: there is no file '{path}'.", path);
        using FileStream stream = File.OpenRead(path);
        InputName name = new(argument, $"'{path}'");
        return new EncodedImage(name, EncodedBytes.Read(name, stream, pixelLimit), pixelLimit);
    }

    /// <summary>Reads a stream from its position to its end; it stays open.</summary>
    /// <inheritdoc cref="Open(string, string, long)"/>
    public static EncodedImage Open(string argument, Stream stream, long pixelLimit)
    {
        EncodedBytes.RequireReadable(argument, stream);
        InputName name = new(argument, "the stream");
        return new EncodedImage(name, EncodedBytes.Read(name, stream, pixelLimit), pixelLimit);
    }

    /// <summary>Opens a file that is already in memory; the memory is borrowed.</summary>
    /// <inheritdoc cref="Open(string, string, long)"/>
    public static EncodedImage Open(string argument, ReadOnlyMemory<byte> bytes, long pixelLimit)
        => new(new InputName(argument, "the byte array"), bytes, pixelLimit, InputAdvice.UseFromPixels);

    private EncodedImage(InputName name, ReadOnlyMemory<byte> bytes, long pixelLimit, InputAdvice advice = InputAdvice.None)
    {
        (_name, _bytes) = (name, bytes);
        _pin = bytes.Pin();
        try
        {
            unsafe
            {
                _data = SKData.Create((nint)_pin.Pointer, bytes.Length);
            }
            string state = bytes.IsEmpty ? "is empty" : "is not an image that can be read, or its header is incomplete";
            _codec = SKCodec.Create(_data) ?? throw InputProblem.Content(
                _name, $"{state}; expected PNG, JPEG, WebP, GIF or BMP.", advice);
            PixelLimit.Check(_name, StoredWidth, StoredHeight, pixelLimit);
            Png = PngMetadata.Read(bytes.Span);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Stored pixels per row.</summary>
    public int StoredWidth => _codec!.Info.Width;

    /// <summary>Stored rows.</summary>
    public int StoredHeight => _codec!.Info.Height;

    /// <summary>Pixels per row of the upright image.</summary>
    public int Width => Orientation.SwapsSides(Origin) ? StoredHeight : StoredWidth;

    /// <summary>Rows of the upright image.</summary>
    public int Height => Orientation.SwapsSides(Origin) ? StoredWidth : StoredHeight;

    /// <summary>How the stored pixels must be turned to be upright (EXIF). Skia does not read the eXIf chunk of a PNG.</summary>
    public SKEncodedOrigin Origin => Png?.Origin ?? _codec!.EncodedOrigin;

    public bool IsOpaque => _codec!.Info.AlphaType == SKAlphaType.Opaque;

    /// <summary>One 8-bit grey channel and nothing else.</summary>
    public bool IsGray => _codec!.Info.ColorType == SKColorType.Gray8;

    /// <summary>What a PNG's header and chunks say; <see langword="null"/> for other formats.</summary>
    public PngMetadata? Png { get; }

    /// <summary>Decodes the stored pixels, without turning them.</summary>
    /// <param name="colorType">8888 or Gray8.</param>
    /// <param name="alphaType">Ignored for opaque images.</param>
    /// <param name="pixels">Height · width pixels without gaps.</param>
    /// <exception cref="InvalidDataException">The file is truncated or damaged.</exception>
    public unsafe void Decode(SKColorType colorType, SKAlphaType alphaType, Span<byte> pixels)
    {
        SKImageInfo target = new(StoredWidth, StoredHeight, colorType, IsOpaque ? SKAlphaType.Opaque : alphaType);
        if (pixels.Length < target.BytesSize64)
            throw new ArgumentException("The buffer is smaller than the image.", nameof(pixels));
        SKCodecResult result;
        fixed (byte* address = pixels)
            result = _codec!.GetPixels(target, (nint)address);
        if (result != SKCodecResult.Success)
            throw Refuse($"is truncated or damaged ({result}); expected a complete image.");
    }

    /// <summary>Decodes the stored pixels as RGBA, without turning them.</summary>
    /// <inheritdoc cref="Decode"/>
    public NativeBuffer<uint> DecodeColors(SKAlphaType alphaType)
    {
        NativeBuffer<uint> pixels = new(StoredWidth * StoredHeight);
        try
        {
            Decode(SKColorType.Rgba8888, alphaType, MemoryMarshal.AsBytes(pixels.Span));
            return pixels;
        }
        catch
        {
            pixels.Dispose();
            throw;
        }
    }

    /// <summary>The samples of a PNG as they are stored.</summary>
    /// <exception cref="InvalidDataException">The file is truncated or damaged.</exception>
    public PngReader ReadPngSamples()
    {
        try
        {
            return PngReader.Read(_bytes.Span);
        }
        catch (InvalidDataException damage)
        {
            throw InputProblem.Content(
                _name, $"is truncated or damaged; expected a complete image. {damage.Message}", InputAdvice.None, damage);
        }
    }

    /// <summary>An exception about this image's content.</summary>
    public InvalidDataException Refuse(string why, InputAdvice advice = InputAdvice.None) => InputProblem.Content(_name, why, advice);

    public void Dispose()
    {
        _codec?.Dispose();
        _data?.Dispose();
        _codec = null;
        _data = null;
        _pin.Dispose();
    }
}
