namespace Spn.Imaging;

/// <summary>
/// Reads a stream to its end, up to a size that no image within the pixel limit exceeds. Skia could read the stream itself, but an
/// exception of the stream must not pass through native code.
/// </summary>
internal static class EncodedBytes
{
    private const int BufferSize = 1 << 16;

    /// <exception cref="ArgumentException">The stream cannot be read.</exception>
    public static void RequireReadable(string argument, Stream stream)
    {
        if (!stream.CanRead)
            throw new ArgumentException($"{argument}: the stream cannot be read; it is closed, or opened for writing.", argument);
    }

    /// <param name="name">What exceptions call the stream.</param>
    /// <param name="stream">Read from its position; it stays open.</param>
    /// <param name="pixelLimit">The maximum number of pixels.</param>
    /// <exception cref="InvalidDataException">The stream is too long.</exception>
    public static ReadOnlyMemory<byte> Read(InputName name, Stream stream, long pixelLimit)
    {
        using MemoryStream copy = new(InitialCapacity(stream, pixelLimit));
        byte[] buffer = new byte[BufferSize];
        for (int count; (count = stream.Read(buffer)) > 0;)
            Append(name, copy, buffer.AsSpan(0, count), pixelLimit);
        return copy.GetBuffer().AsMemory(0, (int)copy.Length);
    }

    /// <inheritdoc cref="Read"/>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(InputName name, Stream stream, long pixelLimit, CancellationToken cancellation)
    {
        using MemoryStream copy = new(InitialCapacity(stream, pixelLimit));
        byte[] buffer = new byte[BufferSize];
        for (int count; (count = await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0;)
            Append(name, copy, buffer.AsSpan(0, count), pixelLimit);
        return copy.GetBuffer().AsMemory(0, (int)copy.Length);
    }

    private static void Append(InputName name, MemoryStream copy, ReadOnlySpan<byte> bytes, long pixelLimit)
    {
        long max = MaxBytes(pixelLimit);
        if (copy.Length + bytes.Length > max)
            throw InputProblem.Content(name, $"has more than {max:N0} bytes, too many for an image within the pixel limit.");
        copy.Write(bytes);
    }

    private static int InitialCapacity(Stream stream, long pixelLimit)
        => stream.CanSeek ? (int)Math.Clamp(stream.Length - stream.Position, 0, MaxBytes(pixelLimit)) : 0;

    /// <summary>No image file needs more than its 16-bit pixels uncompressed and some metadata.</summary>
    private static long MaxBytes(long pixelLimit) => Math.Min(8 * pixelLimit + (16 << 20), Array.MaxLength);
}
