using System.Buffers.Binary;
using SkiaSharp;

namespace Spn.Imaging.Png;

/// <summary>What a PNG's header and ancillary chunks say about its samples.</summary>
/// <param name="ColorType">0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGB with alpha.</param>
/// <param name="BitDepth">Bits per sample: 1, 2, 4, 8 or 16.</param>
/// <param name="Origin">EXIF orientation, from the eXIf chunk.</param>
/// <param name="HoldsProbabilities">Spn wrote the file as a mask, so its values are probabilities even if they are all small.</param>
internal sealed record PngMetadata(int ColorType, int BitDepth, SKEncodedOrigin Origin, bool HoldsProbabilities)
{
    private const int OrientationTag = 0x0112;

    /// <summary>The text chunk that marks a mask written by Spn: keyword, zero byte, text.</summary>
    public static ReadOnlySpan<byte> ProbabilitiesMark => "spn:values\0probabilities"u8;

    /// <summary>Reads header and chunks; damage ends the search. <see langword="null"/> if the bytes are not a PNG.</summary>
    public static PngMetadata? Read(ReadOnlySpan<byte> file)
    {
        if (file.Length < 33 || !file.StartsWith(PngFormat.Signature) || !file.Slice(12, 4).SequenceEqual("IHDR"u8))
            return null;
        SKEncodedOrigin origin = SKEncodedOrigin.TopLeft;
        bool probabilities = false;
        int at = PngFormat.Signature.Length;
        while (file.Length - at >= 12)
        {
            int length = PngFormat.ReadInt32(file[at..]);
            if (length < 0 || length > file.Length - at - 12)
                break;
            ReadOnlySpan<byte> type = file.Slice(at + 4, 4), data = file.Slice(at + 8, length);
            if (type.SequenceEqual("eXIf"u8))
                origin = ReadOrientation(data);
            else if (type.SequenceEqual("tEXt"u8))
                probabilities |= data.SequenceEqual(ProbabilitiesMark);
            at += length + 12;
        }
        return new PngMetadata(file[25], file[24], origin, probabilities);
    }

    /// <summary>The orientation entry of the first directory of a TIFF structure (Exif 2.32, 4.5 and 4.6.4).</summary>
    private static SKEncodedOrigin ReadOrientation(ReadOnlySpan<byte> exif)
    {
        if (exif.StartsWith("Exif\0\0"u8))
            exif = exif[6..];
        bool little = exif.StartsWith("II*\0"u8);
        if (exif.Length < 8 || !(little || exif.StartsWith("MM\0*"u8)))
            return SKEncodedOrigin.TopLeft;
        uint directory = little ? BinaryPrimitives.ReadUInt32LittleEndian(exif[4..]) : BinaryPrimitives.ReadUInt32BigEndian(exif[4..]);
        if (directory > exif.Length - 2)
            return SKEncodedOrigin.TopLeft;
        ReadOnlySpan<byte> entries = exif[(int)directory..];
        int count = ReadUInt16(entries, little);
        for (int i = 0; i < count && entries.Length >= 2 + 12 * (i + 1); i++)
        {
            ReadOnlySpan<byte> entry = entries.Slice(2 + 12 * i, 12);
            int value = ReadUInt16(entry[8..], little);
            if (ReadUInt16(entry, little) == OrientationTag && value is >= 1 and <= 8)
                return (SKEncodedOrigin)value;
        }
        return SKEncodedOrigin.TopLeft;
    }

    private static int ReadUInt16(ReadOnlySpan<byte> bytes, bool little)
        => little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
}
