using System.CommandLine.Parsing;
using System.Globalization;

namespace Spn.Cli.Files;

/// <summary>The size of a frame.</summary>
/// <param name="Width">Pixels per row.</param>
/// <param name="Height">Rows.</param>
internal sealed record FrameSize(int Width, int Height)
{
    public long Pixels => (long)Width * Height;

    /// <summary>Reads <c>WxH</c>.</summary>
    public static FrameSize Parse(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        string[] sides = text.Split('x');
        if (sides.Length == 2
            && int.TryParse(sides[0], NumberStyles.None, CultureInfo.InvariantCulture, out int width) && width > 0
            && int.TryParse(sides[1], NumberStyles.None, CultureInfo.InvariantCulture, out int height) && height > 0
            && (long)width * height <= RefineSettings.PixelLimit)
        {
            return new FrameSize(width, height);
        }
        result.AddError(
            $"Expected a size such as 1280x720, of at most {RefineSettings.PixelLimit / 1_000_000} million pixels, got '{text}'");
        return new FrameSize(1, 1);
    }
}

/// <summary>Reads pictures of one size that follow each other in a stream, one at a time into the same memory.</summary>
internal sealed class RawFrames : IAsyncDisposable
{
    private readonly string _name;
    private readonly Stream _stream;
    private readonly byte[] _bytes;

    private RawFrames(string name, Stream stream, FrameSize size, int bytesPerPixel)
        => (_name, _stream, Size, _bytes) = (name, stream, size, new byte[checked((int)(size.Pixels * bytesPerPixel))]);

    public FrameSize Size { get; }

    /// <summary>The picture that was read last.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <exception cref="IOException">There is no such file, or it cannot be read.</exception>
    public static RawFrames Open(string name, FrameSize size, int bytesPerPixel)
    {
        if (name != InputFile.Standard && Directory.Exists(name))
            throw new IOException($"'{name}' is a folder; expected a file or pipe of raw frames.");
        if (name != InputFile.Standard && !File.Exists(name))
            throw new FileNotFoundException($"There is no file '{name}'.");
        if (size.Pixels * bytesPerPixel > Array.MaxLength)
            throw new UsageException($"--size: a frame of {size.Width} x {size.Height} pixels is too large.");
        Stream stream = name == InputFile.Standard
            ? Console.OpenStandardInput()
            : new FileStream(name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1, useAsync: false);
        return new RawFrames(name == InputFile.Standard ? "standard input" : $"'{name}'", stream, size, bytesPerPixel);
    }

    /// <summary>Reads the next picture.</summary>
    /// <returns><see langword="false"/> at the end.</returns>
    /// <exception cref="InvalidDataException">The stream ends within a picture.</exception>
    public async Task<bool> ReadAsync(CancellationToken cancellation)
    {
        // A read from a pipe cannot be cancelled, so it is left behind.
        int read = await Task.Run(() => _stream.ReadAtLeast(_bytes, _bytes.Length, throwOnEndOfStream: false), cancellation)
            .WaitAsync(cancellation).ConfigureAwait(false);
        if (read > 0 && read < _bytes.Length)
        {
            throw new InvalidDataException(
                $"The last picture of {_name} has {read:N0} bytes; expected {_bytes.Length:N0} for {Size.Width} x {Size.Height} pixels. "
                + "Is the size right?");
        }
        return read > 0;
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    /// <summary>The stream in a sentence.</summary>
    public override string ToString() => _name;
}
