using System.Buffers.Binary;

namespace Spn.Imaging.Png;

/// <summary>What reader and writer share: signature, colour types, checksum (PNG specification, W3C).</summary>
internal static class PngFormat
{
    public const int Grey = 0;
    public const int Palette = 3;

    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>The colour type, or -1 where the bytes do not begin with a PNG's signature and header.</summary>
    public static int ColorTypeOf(ReadOnlySpan<byte> file)
        => file.Length >= 33 && file.StartsWith(Signature) && file.Slice(12, 4).SequenceEqual("IHDR"u8) ? file[25] : -1;

    /// <summary>CRC-32 of a chunk's type and data.</summary>
    public static uint Checksum(ReadOnlySpan<byte> typeAndData)
    {
        uint crc = 0xFFFFFFFF;
        foreach (byte value in typeAndData)
            crc = s_table[(byte)(crc ^ value)] ^ (crc >> 8);
        return ~crc;
    }

    public static int ReadInt32(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt32BigEndian(bytes);

    private static readonly uint[] s_table = MakeTable();

    private static uint[] MakeTable()
    {
        uint[] table = new uint[256];
        for (uint i = 0; i < 256; i++)
        {
            uint c = i;
            for (int bit = 0; bit < 8; bit++)
                c = (c & 1) != 0 ? 0xEDB88320 ^ (c >> 1) : c >> 1;
            table[i] = c;
        }
        return table;
    }
}
