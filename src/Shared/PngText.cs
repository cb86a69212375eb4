using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Spn.Shared;

/// <summary>A line of text in a PNG's metadata: a tEXt chunk (PNG specification, W3C, 11.3.3.2).</summary>
internal static class PngText
{
    private const int HeaderEnd = 33; // signature 8, IHDR 25
    private const int SearchedBytes = 4096;

    /// <summary>The file with a text behind its header.</summary>
    /// <param name="png">A PNG.</param>
    /// <param name="keyword">1 to 79 Latin-1 characters.</param>
    /// <param name="text">Latin-1 characters.</param>
    public static byte[] Add(ReadOnlySpan<byte> png, string keyword, string text)
    {
        byte[] data = Encoding.Latin1.GetBytes($"tEXt{keyword}\0{text}");
        byte[] result = new byte[png.Length + data.Length + 8];
        png[..HeaderEnd].CopyTo(result);
        Span<byte> chunk = result.AsSpan(HeaderEnd, data.Length + 8);
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length - 4);
        data.CopyTo(chunk[4..]);
        BinaryPrimitives.WriteUInt32BigEndian(chunk[^4..], Crc32.HashToUInt32(data));
        png[HeaderEnd..].CopyTo(result.AsSpan(HeaderEnd + chunk.Length));
        return result;
    }

    /// <summary>The text that a file has behind its header; <see langword="null"/> if there is no such file or no such text.</summary>
    public static string? Find(string path, string keyword)
    {
        byte[] start = new byte[SearchedBytes];
        int length;
        try
        {
            using FileStream file = File.OpenRead(path);
            length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        return Find(start.AsSpan(0, length), keyword);
    }

    /// <summary>The text behind the header of a PNG; <see langword="null"/> if there is none.</summary>
    /// <param name="png">The PNG, or its first bytes.</param>
    /// <param name="keyword">1 to 79 Latin-1 characters.</param>
    public static string? Find(ReadOnlySpan<byte> png, string keyword)
    {
        ReadOnlySpan<byte> key = Encoding.Latin1.GetBytes($"tEXt{keyword}\0");
        for (int at = HeaderEnd; at + 12 <= png.Length;)
        {
            int size = BinaryPrimitives.ReadInt32BigEndian(png[at..]);
            if (size < 0 || size > png.Length - at - 12)
                return null;
            ReadOnlySpan<byte> chunk = png.Slice(at + 4, size + 4);
            if (chunk.StartsWith(key))
                return Encoding.Latin1.GetString(chunk[key.Length..]);
            at += size + 12;
        }
        return null;
    }
}
