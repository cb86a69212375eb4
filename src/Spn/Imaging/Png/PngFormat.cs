using System.Buffers.Binary;

namespace Spn.Imaging.Png;

/// <summary>What the reader and the writer share: signature, colour types and checksum (PNG specification, W3C).</summary>
internal static class PngFormat
{
    public const int Gray = 0;
    public const int Rgb = 2;
    public const int Palette = 3;
    public const int GrayAlpha = 4;
    public const int Rgba = 6;

    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>CRC-32 of a chunk's type and data.</summary>
    public static uint Checksum(ReadOnlySpan<byte> typeAndData) => System.IO.Hashing.Crc32.HashToUInt32(typeAndData);

    public static int ReadInt32(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt32BigEndian(bytes);
}
