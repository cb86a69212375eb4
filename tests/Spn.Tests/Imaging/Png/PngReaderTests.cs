using SkiaSharp;
using Spn.Imaging.Png;
using Xunit;

namespace Spn.Tests.Imaging;

/// <summary>Our reader of stored samples, beside Skia's decoder where Skia gives the same.</summary>
public sealed class PngReaderTests
{
    public static TheoryData<int, bool, int, int> Files()
    {
        TheoryData<int, bool, int, int> files = [];
        foreach (int depth in new[] { 1, 2, 4, 8 })
        {
            foreach (bool interlaced in new[] { false, true })
            {
                foreach ((int width, int height) in new[] { (1, 1), (3, 2), (5, 9), (8, 8), (17, 11), (33, 6) })
                    files.Add(depth, interlaced, width, height);
            }
        }
        return files;
    }

    [Theory, MemberData(nameof(Files))]
    public void Palette_files_give_their_indices_and_the_colours_Skia_sees(int depth, bool interlaced, int width, int height)
    {
        SKColor[] palette = PngFile.VocPalette()[..(1 << depth)];
        int[,] samples = Random(width, height, 1 << depth);
        byte[] file = PngFile.Make(samples, depth, palette, interlaced);

        PngReader png = PngReader.Read(file);

        Assert.Equal((width, height), (png.Width, png.Height));
        Assert.Equal(samples.Cast<int>(), png.Samples);
        Assert.Equal(palette, png.Palette);
        using SKBitmap seen = SKBitmap.Decode(file);
        Assert.Equal(seen.Pixels, png.Samples.Select(i => palette[i]));
    }

    [Theory, MemberData(nameof(Files))]
    public void Grey_files_give_their_stored_values(int depth, bool interlaced, int width, int height)
    {
        int[,] samples = Random(width, height, 1 << depth);
        byte[] file = PngFile.Make(samples, depth, null, interlaced);

        PngReader png = PngReader.Read(file);

        Assert.Equal(samples.Cast<int>(), png.Samples);
        Assert.Null(png.Palette);
        using SKBitmap seen = SKBitmap.Decode(file);
        int scale = 255 / ((1 << depth) - 1);
        Assert.Equal(seen.Pixels.Select(p => (int)p.Red), png.Samples.Select(v => v * scale));
    }

    [Fact]
    public void Sixteen_bit_grey_keeps_all_bits()
    {
        int[,] samples = Random(9, 5, 65536);
        Assert.Equal(samples.Cast<int>(), PngReader.Read(PngFile.Make(samples, 16, null, interlaced: true)).Samples);
    }

    [Fact]
    public void Every_cut_is_refused()
    {
        byte[] file = PngFile.Make(Random(13, 7, 4), 2, PngFile.VocPalette()[..4]);
        for (int length = 33; length < file.Length; length++)
            Assert.Throws<InvalidDataException>(() => PngReader.Read(file.AsSpan(0, length)));
    }

    [Fact]
    public void Every_flipped_byte_is_refused_and_nothing_else_happens()
    {
        byte[] file = PngFile.Make(Random(13, 7, 4), 2, PngFile.VocPalette()[..4], interlaced: true);
        for (int at = 16; at < file.Length; at++)
        {
            byte[] broken = [.. file];
            broken[at] ^= 0x5A;
            Assert.Throws<InvalidDataException>(() => PngReader.Read(broken));
        }
    }

    [Fact]
    public void Too_few_pixels_are_refused()
    {
        InvalidDataException refusal = Assert.Throws<InvalidDataException>(() => PngReader.Read(PngFile.Claiming(4, 3)));
        Assert.Contains("too few pixels", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 1, 8)]
    [InlineData(19, 13, 8)]
    [InlineData(5, 4, 16)]
    public void What_we_write_reads_back(int width, int height, int depth)
    {
        int[,] samples = Random(width, height, 1 << depth);
        byte[] rows = [.. samples.Cast<int>().SelectMany(v => depth == 8 ? [(byte)v] : new[] { (byte)(v >> 8), (byte)v })];
        SKColor[]? palette = depth == 8 ? PngFile.VocPalette() : null;
        MemoryStream file = new();

        PngWriter.Write(file, width, height, depth, rows, palette);

        PngReader png = PngReader.Read(file.ToArray());
        Assert.Equal(samples.Cast<int>(), png.Samples);
        Assert.Equal(palette, png.Palette);
        using SKBitmap seen = SKBitmap.Decode(file.ToArray());
        Assert.NotNull(seen);
        if (palette is not null)
            Assert.Equal(samples.Cast<int>().Select(i => palette[i]), seen.Pixels);
    }

    private static int[,] Random(int width, int height, int levels)
    {
        Random random = new(width * 1000 + height * 10 + levels);
        int[,] samples = new int[height, width];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
                samples[y, x] = random.Next(levels);
        }
        return samples;
    }
}
