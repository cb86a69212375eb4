using System.IO.Compression;
using SkiaSharp;

namespace Spn.Imaging.Png;

/// <summary>
/// The samples of a PNG as they are stored. Skia expands a palette to colours and reduces 16 bits to 8; label files need the indices, and
/// masks with small 16-bit values need all bits.
/// </summary>
/// <param name="Width">Pixels per row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Channels">Samples per pixel: 1 grey or palette index, 2 grey with alpha, 3 RGB, 4 RGB with alpha.</param>
/// <param name="Samples"><c>[Height, Width, Channels]</c>, palette indices or values of the file's own bit depth (1, 2, 4, 8, 16).</param>
/// <param name="Palette">The palette, or <see langword="null"/> if there is none.</param>
internal sealed record PngReader(int Width, int Height, int Channels, int[] Samples, SKColor[]? Palette)
{
    private readonly record struct Pass(int X, int Y, int StepX, int StepY);

    /// <summary>The layout of the samples within a row of the file.</summary>
    private readonly record struct Layout(int Width, int Height, int Channels, int Depth);

    private static readonly Pass[] s_progressive = [new(0, 0, 1, 1)];

    private static readonly Pass[] s_adam7 =
        [new(0, 0, 8, 8), new(4, 0, 8, 8), new(0, 4, 4, 8), new(2, 0, 4, 4), new(0, 2, 2, 4), new(1, 0, 2, 2), new(0, 1, 1, 2)];

    /// <summary>Reads a whole file, which must begin with a PNG's signature and header.</summary>
    /// <exception cref="InvalidDataException">The file is truncated or damaged.</exception>
    public static PngReader Read(ReadOnlySpan<byte> file)
    {
        ReadOnlySpan<byte> header = file.Slice(16, 13);
        int depth = header[8], colorType = header[9], interlace = header[12];
        int channels = colorType switch { PngFormat.Gray or PngFormat.Palette => 1, PngFormat.GrayAlpha => 2, PngFormat.Rgb => 3, PngFormat.Rgba => 4, _ => 0 };
        Layout layout = new(PngFormat.ReadInt32(header), PngFormat.ReadInt32(header[4..]), channels, depth);
        bool depthFits = depth == 8 || (depth is 1 or 2 or 4 && channels == 1) || (depth == 16 && colorType != PngFormat.Palette);
        Require(channels > 0 && depthFits && interlace <= 1, "its header is not valid");
        Require(layout.Width > 0 && layout.Height > 0 && (long)layout.Width * layout.Height * channels <= Array.MaxLength, "its size is out of range");

        (SKColor[]? palette, MemoryStream compressed) = ReadChunks(file);
        Require(colorType != PngFormat.Palette || palette is not null, "its palette is missing");

        int[] samples = new int[layout.Width * layout.Height * channels];
        using ZLibStream pixels = new(compressed, CompressionMode.Decompress);
        foreach (Pass pass in interlace == 1 ? s_adam7 : s_progressive)
            ReadPass(pixels, pass, layout, samples);
        return new PngReader(layout.Width, layout.Height, channels, samples, colorType == PngFormat.Palette ? palette : null);
    }

    private static (SKColor[]? Palette, MemoryStream Compressed) ReadChunks(ReadOnlySpan<byte> file)
    {
        SKColor[]? palette = null;
        MemoryStream compressed = new();
        int at = PngFormat.Signature.Length;
        while (true)
        {
            Require(file.Length - at >= 12, "it ends early");
            int length = PngFormat.ReadInt32(file[at..]);
            Require(length >= 0 && length <= file.Length - at - 12, "it ends early");
            ReadOnlySpan<byte> type = file.Slice(at + 4, 4), data = file.Slice(at + 8, length);
            uint checksum = (uint)PngFormat.ReadInt32(file[(at + 8 + length)..]);
            Require(PngFormat.Checksum(file.Slice(at + 4, length + 4)) == checksum, "a checksum does not match");
            at += length + 12;

            if (type.SequenceEqual("IEND"u8))
                break;
            if (type.SequenceEqual("IDAT"u8))
                compressed.Write(data);
            else if (type.SequenceEqual("PLTE"u8))
                palette = ReadPalette(data);
        }
        compressed.Position = 0;
        return (palette, compressed);
    }

    private static SKColor[] ReadPalette(ReadOnlySpan<byte> data)
    {
        Require(data.Length is > 0 and <= 768 && data.Length % 3 == 0, "its palette is damaged");
        SKColor[] palette = new SKColor[data.Length / 3];
        for (int i = 0; i < palette.Length; i++)
            palette[i] = new SKColor(data[3 * i], data[3 * i + 1], data[3 * i + 2]);
        return palette;
    }

    private static void ReadPass(Stream pixels, Pass pass, Layout layout, int[] samples)
    {
        (int width, int height, int channels, int depth) = layout;
        int columns = (width - pass.X + pass.StepX - 1) / pass.StepX, rows = (height - pass.Y + pass.StepY - 1) / pass.StepY;
        if (columns <= 0 || rows <= 0)
            return;
        int rowBytes = (int)(((long)columns * channels * depth + 7) / 8), pixelBytes = Math.Max(1, channels * depth / 8);
        byte[] line = new byte[1 + rowBytes], above = new byte[1 + rowBytes];
        int[] unpacked = new int[columns * channels];
        for (int row = 0; row < rows; row++)
        {
            try
            {
                pixels.ReadExactly(line);
            }
            catch (EndOfStreamException)
            {
                Require(false, "it holds too few pixels");
            }
            Unfilter(line[0], line.AsSpan(1), above.AsSpan(1), pixelBytes);
            Unpack(line.AsSpan(1), depth, unpacked);
            Span<int> target = samples.AsSpan(((pass.Y + row * pass.StepY) * width + pass.X) * channels);
            for (int i = 0; i < unpacked.Length; i++)
                target[i / channels * pass.StepX * channels + i % channels] = unpacked[i];
            (line, above) = (above, line);
        }
    }

    private static void Unfilter(int filter, Span<byte> line, ReadOnlySpan<byte> above, int left)
    {
        Require(filter <= 4, "a filter is not valid");
        for (int i = 0; filter != 0 && i < line.Length; i++)
        {
            int a = i >= left ? line[i - left] : 0, b = above[i], c = i >= left ? above[i - left] : 0;
            line[i] += (byte)(filter switch { 1 => a, 2 => b, 3 => (a + b) / 2, _ => Paeth(a, b, c) });
        }
    }

    private static int Paeth(int a, int b, int c)
    {
        int toA = Math.Abs(b - c), toB = Math.Abs(a - c), toC = Math.Abs(a + b - 2 * c);
        return toA <= toB && toA <= toC ? a : toB <= toC ? b : c;
    }

    private static void Unpack(ReadOnlySpan<byte> line, int depth, Span<int> samples)
    {
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = depth switch
            {
                8 => line[i],
                16 => line[2 * i] << 8 | line[2 * i + 1],
                _ => line[i * depth / 8] >> (8 - depth - i * depth % 8) & ((1 << depth) - 1),
            };
        }
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
            throw new InvalidDataException($"The PNG is damaged: {otherwise}.");
    }
}
