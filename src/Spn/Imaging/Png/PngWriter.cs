using System.Buffers.Binary;
using System.IO.Compression;
using SkiaSharp;

namespace Spn.Imaging.Png;

/// <summary>Writes pixels of one sample: grey of 8 or 16 bits, or 8-bit palette indices, which Skia cannot write.</summary>
internal static class PngWriter
{
    private const byte FilterUp = 2;

    /// <param name="stream">Receives the file.</param>
    /// <param name="width">Pixels per row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="bitDepth">8, or 16 (big-endian) without a palette.</param>
    /// <param name="rows">The samples, row by row without gaps.</param>
    /// <param name="palette">At most 256 colours, or <see langword="null"/> for grey.</param>
    /// <param name="text">The data of a text chunk; empty for none.</param>
    public static void Write(
        Stream stream, int width, int height, int bitDepth, ReadOnlySpan<byte> rows,
        IReadOnlyList<SKColor>? palette = null, ReadOnlySpan<byte> text = default)
    {
        stream.Write(PngFormat.Signature);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        header[8] = (byte)bitDepth;
        header[9] = palette is null ? (byte)PngFormat.Gray : (byte)PngFormat.Palette;
        header[10..].Clear();
        WriteChunk(stream, "IHDR"u8, header);
        if (palette is not null)
            WriteChunk(stream, "PLTE"u8, [.. palette.SelectMany(color => new[] { color.Red, color.Green, color.Blue })]);
        if (!text.IsEmpty)
            WriteChunk(stream, "tEXt"u8, text);
        MemoryStream compressed = Compress(rows, width * (bitDepth / 8), height);
        WriteChunk(stream, "IDAT"u8, compressed.GetBuffer().AsSpan(0, (int)compressed.Length));
        WriteChunk(stream, "IEND"u8, []);
    }

    /// <summary>Each row is stored as its difference from the row above, because masks are mostly flat.</summary>
    private static MemoryStream Compress(ReadOnlySpan<byte> rows, int rowBytes, int height)
    {
        MemoryStream compressed = new();
        using ZLibStream zlib = new(compressed, CompressionLevel.Fastest, leaveOpen: true);
        byte[] line = new byte[1 + rowBytes];
        line[0] = FilterUp;
        rows[..rowBytes].CopyTo(line.AsSpan(1));
        zlib.Write(line);
        for (int y = 1; y < height; y++)
        {
            ReadOnlySpan<byte> above = rows.Slice((y - 1) * rowBytes, rowBytes), row = rows.Slice(y * rowBytes, rowBytes);
            for (int i = 0; i < row.Length; i++)
                line[1 + i] = (byte)(row[i] - above[i]);
            zlib.Write(line);
        }
        zlib.Dispose();
        return compressed;
    }

    private static void WriteChunk(Stream stream, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        byte[] chunk = new byte[data.Length + 12];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        type.CopyTo(chunk.AsSpan(4));
        data.CopyTo(chunk.AsSpan(8));
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), PngFormat.Checksum(chunk.AsSpan(4, data.Length + 4)));
        stream.Write(chunk);
    }
}
