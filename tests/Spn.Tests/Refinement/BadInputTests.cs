using System.Text;
using SkiaSharp;
using Spn.Tests.Imaging;
using Spn.Tests.Weights;
using Xunit;

namespace Spn.Tests.Refinement;

/// <summary>Whatever comes, the exception names the argument, and the next good call works.</summary>
public sealed class BadInputTests : IDisposable
{
    private const int Width = 20, Height = 10;

    private readonly TemporaryFolder folder = new();
    private readonly Refiner refiner = SpnRefiner.Configure().OnCpu().WithGuidance(new FakeGuidance()).WithPixelLimit(1_000_000).Build();
    private readonly string photo, mask;

    public BadInputTests()
    {
        photo = folder.File("photo.png", Pictures.ColourPng(Width, Height));
        mask = folder.File("mask.png", Pictures.GreyPng(Width, Height, (x, _) => (byte)(x > 9 ? 255 : 0)));
    }

    public void Dispose()
    {
        refiner.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Null()
    {
        Refused<ArgumentNullException>("image", () => refiner.Refine(null!, mask));
        Refused<ArgumentNullException>("image", () => refiner.Refine((string)null!, mask));
        Refused<ArgumentNullException>("image", () => refiner.Refine((SKBitmap)null!, mask));
        Refused<ArgumentNullException>("coarseMask", () => refiner.Refine(photo, (MaskInput)null!));
        Refused<ArgumentNullException>("coarseMask", () => refiner.Refine(photo, (Stream)null!));
        Refused<ArgumentNullException>("coarseLabels", () => refiner.Refine(photo, (LabelMap)null!));
        Refused<ArgumentNullException>("coarseClasses", () => refiner.Refine(photo, (ClassProbabilities)null!));
        Refused<ArgumentNullException>("image", () => _ = refiner.RefineAsync(null!, mask));
    }

    [Fact]
    public void Paths_that_lead_to_no_file()
    {
        Refused<ArgumentException>("image", () => refiner.Refine("", mask), "empty");
        Refused<FileNotFoundException>("image", () => refiner.Refine(folder.File("missing.png"), mask), "missing.png");
        Refused<ArgumentException>("image", () => refiner.Refine(folder.Path, mask), "folder");
        Refused<ArgumentException>("coarseMask", () => refiner.Refine(photo, folder.Path), "folder");
        Refused<FileNotFoundException>("coarseMask", () => refiner.Refine(photo, folder.File("missing.png")), "missing.png");
    }

    [Fact]
    public void Files_that_are_no_pictures()
    {
        string text = folder.File("text.png", Encoding.UTF8.GetBytes("This is no picture.")), empty = folder.File("empty.png", []);
        Refused<InvalidDataException>("image", () => refiner.Refine(text, mask), "PNG");
        Refused<InvalidDataException>("coarseMask", () => refiner.Refine(photo, text), "text.png");
        Refused<InvalidDataException>("image", () => refiner.Refine(empty, mask), "empty");
        Refused<InvalidDataException>("image", () => refiner.Refine(new MemoryStream(), mask), "empty");
    }

    [Theory]
    [InlineData("png")]
    [InlineData("grey")]
    [InlineData("jpeg")]
    [InlineData("palette")]
    public void Every_cut_of_a_file(string kind)
    {
        using SKBitmap colours = Pictures.Colours(Width, Height);
        byte[] file = kind switch
        {
            "png" => Pictures.Png(colours),
            "grey" => Pictures.GreyPng(Width, Height, (x, y) => (byte)(x * y)),
            "jpeg" => Pictures.Encode(colours, SKEncodedImageFormat.Jpeg, 90),
            _ => PngFile.Make(new int[Height, Width], 8, PngFile.VocPalette()),
        };
        // The last bytes of a PNG are its IEND chunk, of a JPEG its end marker: pictures are whole without them.
        int last = kind == "jpeg" ? file.Length - 8 : file.Length - 20;
        for (int length = 0; length < last; length += length < 64 ? 1 : 7)
        {
            byte[] cut = file[..length];
            Exception? refusal = Record.Exception(() => refiner.Refine(new MemoryStream(cut), mask));
            Assert.True(refusal is InvalidDataException, $"{length} of {file.Length} bytes: {refusal}");
            if (kind is "grey" or "palette")
                Assert.IsType<InvalidDataException>(Record.Exception(() => refiner.Refine(photo, new MemoryStream(cut))));
        }
        StillWorks();
    }

    [Fact]
    public void Broken_files_never_do_more_than_throw()
    {
        Random random = new(11);
        using SKBitmap colours = Pictures.Colours(Width, Height);
        byte[][] files = [Pictures.Png(colours), Pictures.Encode(colours, SKEncodedImageFormat.Jpeg, 80), Pictures.Encode(colours, SKEncodedImageFormat.Webp, 80)];
        for (int round = 0; round < 600; round++)
        {
            byte[] broken = [.. files[round % 3]];
            for (int i = 0; i < 1 + round % 5; i++)
                broken[random.Next(broken.Length)] = (byte)random.Next(256);
            Exception? refusal = Record.Exception(() => refiner.Refine(new MemoryStream(broken), mask));
            Assert.True(refusal is null or InvalidDataException or ArgumentException, refusal?.ToString());
        }
        StillWorks();
    }

    [Fact]
    public void More_pixels_than_the_limit_are_refused_from_the_header()
    {
        string bomb = folder.File("bomb.png", PngFile.Claiming(60_000, 60_000));
        long before = GC.GetTotalAllocatedBytes(precise: true);
        Refused<InvalidDataException>("image", () => refiner.Refine(bomb, mask), "60000 x 60000", "1,000,000");
        Refused<InvalidDataException>("coarseMask", () => refiner.Refine(photo, bomb), "60000 x 60000");
        Refused<InvalidDataException>("coarseMask", () => Mask.Load(bomb), "60000 x 60000", "100,000,000");
        Assert.True(GC.GetTotalAllocatedBytes(precise: true) - before < 20_000_000);
        Refused<InvalidDataException>("image", () => refiner.Refine(ImageInput.FromPixels(new byte[1_000_001], 1_000_001, 1, PixelFormat.Gray8), mask), "1000001 x 1");
        Refused<InvalidDataException>("coarseMask", () => refiner.Refine(photo, MaskInput.FromPixels(new byte[1_000_001], 1_000_001, 1)), "1000001 x 1");
        Refused<InvalidDataException>("image", () => refiner.Refine(new EndlessStream(), mask), "bytes");
    }

    [Fact]
    public void Raw_pixels_that_do_not_fit_their_description()
    {
        Refused<ArgumentOutOfRangeException>("width", () => ImageInput.FromPixels(new byte[9], 0, 3, PixelFormat.Gray8));
        Refused<ArgumentOutOfRangeException>("height", () => MaskInput.FromPixels(new byte[9], 3, 0));
        Refused<ArgumentOutOfRangeException>("stride", () => ImageInput.FromPixels(new byte[99], 3, 3, PixelFormat.Rgb24, 8));
        Refused<ArgumentException>("pixels", () => ImageInput.FromPixels(new byte[26], 3, 3, PixelFormat.Rgb24), "26", "27");
        Refused<ArgumentException>("pixels", () => MaskInput.FromPixels(new float[5].AsSpan(), 2, 3), "5", "6");
        Refused<ArgumentException>("pixels", () => MaskInput.FromPixels(new byte[5], int.MaxValue, int.MaxValue));
        Refused<ArgumentOutOfRangeException>("format", () => ImageInput.FromPixels(new byte[9], 3, 3, (PixelFormat)9));
    }

    [Fact]
    public void Values_that_are_no_probabilities()
    {
        Refused<ArgumentException>("coarseMask", () => refiner.Refine(photo, Raw(float.NaN)), "NaN");
        Refused<ArgumentException>("coarseMask", () => refiner.Refine(photo, Raw(1.5f)), "1.5", "0..1");
        Refused<ArgumentException>("coarseMask", () => refiner.Refine(photo, Raw(-0.1f)), "-0.1");
        Refused<ArgumentException>("coarseMask", () => refiner.Refine(photo, Raw(float.PositiveInfinity)));
        Refused<ArgumentException>("coarseClasses", () => refiner.Refine(photo, ClassProbabilities.FromPixels([0, 2], 1, 2, 1)), "2");

        static MaskInput Raw(float value) => MaskInput.FromPixels([0, value], 2, 1);
    }

    [Fact]
    public void Bitmaps_and_streams_that_hold_nothing()
    {
        using SKBitmap empty = new();
        SKBitmap disposed = Pictures.Colours(4, 4);
        disposed.Dispose();
        MemoryStream closed = new(new byte[10]);
        closed.Dispose();
        Refused<InvalidDataException>("image", () => refiner.Refine(empty, mask), "0 x 0");
        Refused<ArgumentException>("image", () => refiner.Refine(disposed, mask), "disposed");
        Refused<ArgumentException>("coarseMask", () => refiner.Refine(photo, disposed), "disposed");
        Refused<ArgumentException>("image", () => refiner.Refine(closed, mask), "closed");
    }

    [Fact]
    public void An_exception_of_the_callers_stream_comes_through()
        => Refused<TimeoutException>("", () => refiner.Refine(new FailingStream(), mask));

    private void Refused<T>(string argument, Action call, params string[] mentioned) where T : Exception
    {
        T refusal = Assert.ThrowsAny<T>(call);
        foreach (string text in mentioned.Append(argument))
            Assert.Contains(text, refusal.Message, StringComparison.Ordinal);
        if (refusal is ArgumentException named)
            Assert.Equal(argument, named.ParamName);
        StillWorks();
    }

    private void StillWorks() => Assert.Equal(1f, refiner.Refine(photo, mask)[Width - 1, 0]);

    private sealed class EndlessStream : MemoryStream
    {
        public override bool CanSeek => false;

        public override int Read(Span<byte> buffer) => buffer.Length;
    }

    private sealed class FailingStream : MemoryStream
    {
        public override bool CanSeek => false;

        public override int Read(Span<byte> buffer) => throw new TimeoutException("the network is gone");
    }
}
