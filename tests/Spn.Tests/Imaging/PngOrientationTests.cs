using System.Buffers.Binary;
using SkiaSharp;
using Spn.Tests.Refinement;
using Xunit;

namespace Spn.Tests.Imaging;

/// <summary>The eXIf chunk of PNG files, for images, masks and label maps.</summary>
public sealed class PngOrientationTests
{
    private const int Width = 5, Height = 3;

    public static TheoryData<int, bool, bool> Cases
    {
        get
        {
            TheoryData<int, bool, bool> cases = [];
            for (int orientation = 1; orientation <= 8; orientation++)
                cases.Add(orientation, orientation % 2 == 0, orientation % 3 == 0);
            cases.Add(6, false, true);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Files_are_turned_upright(int orientation, bool littleEndian, bool afterPixels)
    {
        using SKBitmap stored = Pictures.Colours(Width, Height);
        byte[] jpegLike = WithExif(Pictures.Png(stored), orientation, littleEndian, afterPixels);
        using Refiner refiner = SnapshotRefiner(out Func<float[]> seen);
        (int width, int height) = orientation >= 5 ? (Height, Width) : (Width, Height);
        refiner.Refine(jpegLike, MaskInput.FromPixels(HalfMask(width, height), width, height));
        float[] planes = seen();
        int plane = width * height;
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                (int storedX, int storedY) = Stored(orientation, x, y);
                SKColor colour = Pictures.ColourAt(storedX, storedY);
                Assert.Equal(
                    [colour.Red / 255f, colour.Green / 255f, colour.Blue / 255f],
                    [planes[y * width + x], planes[plane + y * width + x], planes[2 * plane + y * width + x]]);
            }
        }

        int[,] samples = new int[Height, Width];
        for (int i = 0; i < Width * Height; i++)
            samples[i / Width, i % Width] = 7 * i + 40;
        Mask mask = Mask.Load(WithExif(PngFile.Make(samples, 8), orientation, littleEndian, afterPixels));
        LabelMap labels = LabelMap.Load(WithExif(PngFile.Make(samples, 8, PngFile.VocPalette()), orientation, littleEndian, afterPixels));
        Assert.Equal((width, height, width, height), (mask.Width, mask.Height, labels.Width, labels.Height));
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                (int storedX, int storedY) = Stored(orientation, x, y);
                Assert.Equal(samples[storedY, storedX] / 255f, mask[x, y]);
                Assert.Equal(samples[storedY, storedX], labels[x, y]);
            }
        }
    }

    [Fact]
    public void Damaged_metadata_is_ignored()
    {
        byte[] png = Pictures.GreyPng(4, 3, (x, y) => (byte)(60 * x));
        byte[][] damaged = [[], [1, 2, 3], .. new[] { "MM\0*"u8.ToArray(), [.. "MM\0*"u8, 255, 255, 255, 255], [.. "II*\0"u8, 8, 0, 0, 0, 255, 255] }];
        Assert.All(damaged, exif => Assert.Equal((4, 3), Size(Mask.Load(WithChunk(png, "eXIf", exif, 33)))));
        Assert.Equal((4, 3), Size(Mask.Load(WithExif(png, 9, false, false))));

        static (int, int) Size(Mask mask) => (mask.Width, mask.Height);
    }

    /// <summary>Where the upright pixel is stored: EXIF's definition of row 0 and column 0.</summary>
    private static (int X, int Y) Stored(int orientation, int x, int y) => orientation switch
    {
        1 => (x, y),
        2 => (Width - 1 - x, y),
        3 => (Width - 1 - x, Height - 1 - y),
        4 => (x, Height - 1 - y),
        5 => (y, x),
        6 => (y, Height - 1 - x),
        7 => (Width - 1 - y, Height - 1 - x),
        _ => (Width - 1 - y, x),
    };

    private static byte[] HalfMask(int width, int height) => [.. Enumerable.Range(0, width * height).Select(i => (byte)(i % 2 * 255))];

    private static Refiner SnapshotRefiner(out Func<float[]> seen)
    {
        ImageKeeper keeper = new();
        seen = () => keeper.Image;
        return SpnRefiner.Configure().OnCpu().WithMethod(keeper).Build();
    }

    private static byte[] WithExif(byte[] png, int orientation, bool littleEndian, bool afterPixels)
    {
        byte[] exif = littleEndian
            ? [.. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, (byte)orientation, 0, 0, 0, 0, 0, 0, 0]
            : [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];
        return WithChunk(png, "eXIf", exif, afterPixels ? png.Length - 12 : 33);
    }

    private static byte[] WithChunk(byte[] png, string type, byte[] data, int at)
    {
        byte[] body = [.. System.Text.Encoding.ASCII.GetBytes(type), .. data], chunk = new byte[body.Length + 8];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        body.CopyTo(chunk, 4);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(4 + body.Length), System.IO.Hashing.Crc32.HashToUInt32(body));
        return [.. png[..at], .. chunk, .. png[at..]];
    }
}
