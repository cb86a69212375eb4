using System.Runtime.InteropServices;
using SkiaSharp;

namespace Spn.Imaging;

/// <summary>A picture file in memory: its header read and its size within the limit, its pixels not decoded yet.</summary>
internal sealed class EncodedImage : IDisposable
{
    private readonly string _name;
    private readonly byte[] _bytes;
    private GCHandle _pin;
    private SKData? _data;
    private SKCodec? _codec;

    /// <summary>Opens a file.</summary>
    /// <param name="argument">The caller's argument, which every exception names.</param>
    /// <param name="path">The file.</param>
    /// <param name="pixelLimit">The most pixels it may have.</param>
    /// <exception cref="ArgumentException">The path is empty or a folder.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no picture, or has too many pixels.</exception>
    public static EncodedImage Open(string argument, string path, long pixelLimit)
    {
        if (string.IsNullOrWhiteSpace(path))
            throw new ArgumentException($"{argument}: the path is empty; expected the path of a picture file.", argument);
        if (Directory.Exists(path))
            throw new ArgumentException($"{argument}: '{path}' is a folder; expected a picture file.", argument);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{argument}: there is no file '{path}'.", path);
        using FileStream stream = File.OpenRead(path);
        return new EncodedImage(argument, $"'{path}'", stream, pixelLimit);
    }

    /// <summary>Reads a stream from where it stands to its end; it stays open.</summary>
    /// <inheritdoc cref="Open(string, string, long)"/>
    public static EncodedImage Open(string argument, Stream stream, long pixelLimit)
        => stream.CanRead
            ? new EncodedImage(argument, "the stream", stream, pixelLimit)
            : throw new ArgumentException($"{argument}: the stream cannot be read (closed, or opened for writing).", argument);

    private EncodedImage(string argument, string source, Stream stream, long pixelLimit)
    {
        _name = $"{argument}: {source}";
        // Skia could read the stream itself, but an exception of the stream must not pass through native code.
        _bytes = ReadAll(stream, MostBytes(pixelLimit));
        _pin = GCHandle.Alloc(_bytes, GCHandleType.Pinned);
        try
        {
            _data = SKData.Create(_pin.AddrOfPinnedObject(), _bytes.Length);
            _codec = SKCodec.Create(_data) ?? throw new InvalidDataException(
                $"{_name} is {(_bytes.Length == 0 ? "empty" : "no picture that can be read, or its header is cut off")}; expected PNG, JPEG, WebP, GIF or BMP.");
            PixelLimit.Check(_name, Width, Height, pixelLimit);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public int Width => _codec!.Info.Width;

    public int Height => _codec!.Info.Height;

    /// <summary>How the stored picture must be turned to stand upright (EXIF).</summary>
    public SKEncodedOrigin Origin => _codec!.EncodedOrigin;

    public bool IsOpaque => _codec!.Info.AlphaType == SKAlphaType.Opaque;

    /// <summary>One 8-bit channel of grey and nothing else.</summary>
    public bool IsGray => _codec!.Info.ColorType == SKColorType.Gray8;

    /// <summary>PNG's own colour type; -1 for other formats.</summary>
    public int PngColorType => Png.PngFormat.ColorTypeOf(_bytes);

    /// <summary>The picture's pixels as stored, unturned.</summary>
    /// <param name="colorType">8888 or Gray8.</param>
    /// <param name="alphaType">Ignored for opaque pictures.</param>
    /// <param name="pixels">Height · width pixels without gaps.</param>
    /// <exception cref="InvalidDataException">The file is cut off or damaged.</exception>
    public unsafe void Decode(SKColorType colorType, SKAlphaType alphaType, Span<byte> pixels)
    {
        SKImageInfo target = new(Width, Height, colorType, IsOpaque ? SKAlphaType.Opaque : alphaType);
        if (pixels.Length < target.BytesSize64)
            throw new ArgumentException("The buffer is smaller than the picture.", nameof(pixels));
        SKCodecResult result;
        fixed (byte* address = pixels)
            result = _codec!.GetPixels(target, (nint)address);
        if (result != SKCodecResult.Success)
            throw new InvalidDataException($"{_name} is cut off or damaged ({result}); expected a whole picture.");
    }

    /// <summary>The samples of a palette or grey PNG.</summary>
    /// <exception cref="InvalidDataException">The file is cut off or damaged.</exception>
    public Png.PngReader ReadPngSamples()
    {
        try
        {
            return Png.PngReader.Read(_bytes);
        }
        catch (InvalidDataException damage)
        {
            throw new InvalidDataException($"{_name} is cut off or damaged; expected a whole picture. {damage.Message}", damage);
        }
    }

    /// <summary>An exception about this picture's content.</summary>
    public InvalidDataException Refuse(string why) => new($"{_name} {why}");

    public void Dispose()
    {
        _codec?.Dispose();
        _data?.Dispose();
        _codec = null;
        _data = null;
        if (_pin.IsAllocated)
            _pin.Free();
    }

    /// <summary>No picture file needs more than its 16-bit pixels uncompressed, and some metadata.</summary>
    private static long MostBytes(long pixelLimit) => Math.Min(8 * pixelLimit + (16 << 20), Array.MaxLength);

    private byte[] ReadAll(Stream stream, long most)
    {
        using MemoryStream copy = new(stream.CanSeek ? (int)Math.Clamp(stream.Length - stream.Position, 0, most) : 0);
        byte[] buffer = new byte[1 << 16];
        for (int count; (count = stream.Read(buffer)) > 0;)
        {
            if (copy.Length + count > most)
                throw new InvalidDataException($"{_name} has more than {most:N0} bytes, too many for a picture within the pixel limit.");
            copy.Write(buffer, 0, count);
        }
        return copy.Length == copy.Capacity ? copy.GetBuffer() : copy.ToArray();
    }
}
