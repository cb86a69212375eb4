using System.Buffers.Binary;
using System.IO.Compression;
using SkiaSharp;

namespace Spn.Testing;

/// <summary>Makes palette and grey PNGs of every bit depth, filter and interlacing, which Skia cannot write.</summary>
internal static class PngFile
{
    private static readonly (int X, int Y, int Dx, int Dy)[] s_adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    /// <param name="samples">[row, column].</param>
    /// <param name="depth">1, 2, 4, 8, or 16 for grey.</param>
    /// <param name="palette">Null for grey.</param>
    /// <param name="interlaced">Adam7.</param>
    public static byte[] Make(int[,] samples, int depth, SKColor[]? palette = null, bool interlaced = false)
    {
        int height = samples.GetLength(0), width = samples.GetLength(1), filter = 0;
        MemoryStream raw = new();
        foreach ((int x0, int y0, int dx, int dy) in interlaced ? s_adam7 : [(0, 0, 1, 1)])
        {
            byte[]? above = null;
            for (int y = y0; y < height && x0 < width; y += dy)
            {
                byte[] line = PackLine(samples, y, x0, dx, depth);
                raw.Write(Filtered(line, above ?? new byte[line.Length], filter++ % 5, Math.Max(1, depth / 8)));
                above = line;
            }
        }
        MemoryStream file = new();
        file.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = ((byte)depth, (byte)(palette is null ? 0 : 3), (byte)(interlaced ? 1 : 0));
        Chunk(file, "IHDR", header);
        if (palette is not null)
            Chunk(file, "PLTE", [.. palette.SelectMany(c => new[] { c.Red, c.Green, c.Blue })]);
        byte[] packed = Deflate(raw.ToArray());
        Chunk(file, "IDAT", packed[..(packed.Length / 2)]);
        Chunk(file, "IDAT", packed[(packed.Length / 2)..]);
        Chunk(file, "IEND", []);
        return file.ToArray();
    }

    /// <summary>A header alone that claims a size, with the right checksum.</summary>
    public static byte[] Claiming(int width, int height)
    {
        byte[] whole = Make(new int[1, 1], 8);
        MemoryStream file = new();
        file.Write(whole.AsSpan(0, 8));
        byte[] header = whole[16..29];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        Chunk(file, "IHDR", header);
        file.Write(whole.AsSpan(33));
        return file.ToArray();
    }

    /// <summary>VOC's colours: the bits of the index spread over the channels, highest first.</summary>
    public static SKColor[] VocPalette()
    {
        SKColor[] palette = new SKColor[256];
        for (int i = 0; i < 256; i++)
        {
            int r = 0, g = 0, b = 0, c = i;
            for (int shift = 7; shift >= 0; shift--, c >>= 3)
            {
                r |= (c & 1) << shift;
                g |= (c >> 1 & 1) << shift;
                b |= (c >> 2 & 1) << shift;
            }
            palette[i] = new SKColor((byte)r, (byte)g, (byte)b);
        }
        return palette;
    }

    private static byte[] PackLine(int[,] samples, int y, int x0, int dx, int depth)
    {
        int width = samples.GetLength(1), count = (width - x0 + dx - 1) / dx;
        byte[] line = new byte[(count * depth + 7) / 8];
        for (int i = 0; i < count; i++)
        {
            int value = samples[y, x0 + i * dx];
            if (depth == 16)
                (line[2 * i], line[2 * i + 1]) = ((byte)(value >> 8), (byte)value);
            else
                line[i * depth / 8] |= (byte)(value << (8 - depth - i * depth % 8));
        }
        return line;
    }

    private static byte[] Filtered(byte[] line, byte[] above, int filter, int step)
    {
        byte[] result = new byte[line.Length + 1];
        result[0] = (byte)filter;
        for (int i = 0; i < line.Length; i++)
        {
            int a = i >= step ? line[i - step] : 0, b = above[i], c = i >= step ? above[i - step] : 0, p = a + b - c;
            int paeth = new[] { a, b, c }.MinBy(n => Math.Abs(p - n));
            result[i + 1] = (byte)(line[i] - new[] { 0, a, b, (a + b) / 2, paeth }[filter]);
        }
        return result;
    }

    private static byte[] Deflate(byte[] raw)
    {
        MemoryStream packed = new();
        using (ZLibStream zlib = new(packed, CompressionLevel.Optimal))
            zlib.Write(raw);
        return packed.ToArray();
    }

    private static void Chunk(Stream file, string type, byte[] data)
    {
        byte[] body = [.. System.Text.Encoding.ASCII.GetBytes(type), .. data];
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(body);
        uint crc = uint.MaxValue;
        foreach (byte value in body)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
        }
        BinaryPrimitives.WriteUInt32BigEndian(number, ~crc);
        file.Write(number);
    }
}
