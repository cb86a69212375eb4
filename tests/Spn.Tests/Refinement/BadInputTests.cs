using System.Text;
using SkiaSharp;
using Xunit;

namespace Spn.Tests.Refinement;

/// <summary>Whatever comes, the exception names the argument, and the next good call works.</summary>
public sealed class BadInputTests : IDisposable
{
    private const int Width = 20, Height = 10;

    private readonly TemporaryFolder _folder = new();
    private readonly Refiner _refiner = SpnRefiner.Configure().OnCpu().WithMethod(new FakeGuidance()).WithPixelLimit(1_000_000).Build();
    private readonly string _photo, _mask;

    public BadInputTests()
    {
        _photo = _folder.File("photo.png", Pictures.ColourPng(Width, Height));
        _mask = _folder.File("mask.png", Pictures.GreyPng(Width, Height, (x, _) => (byte)(x > 9 ? 255 : 0)));
    }

    public void Dispose()
    {
        _refiner.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Null()
    {
        Refused<ArgumentNullException>("image", () => _refiner.Refine(null!, _mask));
        Refused<ArgumentNullException>("image", () => _refiner.Refine((string)null!, _mask));
        Refused<ArgumentNullException>("image", () => _refiner.Refine((SKBitmap)null!, _mask));
        Refused<ArgumentNullException>("coarseMask", () => _refiner.Refine(_photo, (MaskInput)null!));
        Refused<ArgumentNullException>("coarseMask", () => _refiner.Refine(_photo, (Stream)null!));
        Refused<ArgumentNullException>("coarseLabels", () => _refiner.Refine(_photo, (LabelMap)null!));
        Refused<ArgumentNullException>("coarseClasses", () => _refiner.Refine(_photo, (ClassProbabilities)null!));
        Refused<ArgumentNullException>("image", () => _ = _refiner.RefineAsync(null!, _mask));
    }

    [Fact]
    public void Paths_that_lead_to_no_file()
    {
        Refused<ArgumentException>("image", () => _refiner.Refine("", _mask), "empty");
        Refused<FileNotFoundException>("image", () => _refiner.Refine(_folder.File("missing.png"), _mask), "missing.png");
        Refused<ArgumentException>("image", () => _refiner.Refine(_folder.Path, _mask), "folder");
        Refused<ArgumentException>("coarseMask", () => _refiner.Refine(_photo, _folder.Path), "folder");
        Refused<FileNotFoundException>("coarseMask", () => _refiner.Refine(_photo, _folder.File("missing.png")), "missing.png");
    }

    [Fact]
    public void Files_that_are_no_pictures()
    {
        string text = _folder.File("text.png", Encoding.UTF8.GetBytes("This is no picture.")), empty = _folder.File("empty.png", []);
        Refused<InvalidDataException>("image", () => _refiner.Refine(text, _mask), "PNG");
        Refused<InvalidDataException>("coarseMask", () => _refiner.Refine(_photo, text), "text.png");
        Refused<InvalidDataException>("image", () => _refiner.Refine(empty, _mask), "empty");
        Refused<InvalidDataException>("image", () => _refiner.Refine(new MemoryStream(), _mask), "empty");
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
            Exception? refusal = Record.Exception(() => _refiner.Refine(new MemoryStream(cut), _mask));
            Assert.True(refusal is InvalidDataException, $"{length} of {file.Length} bytes: {refusal}");
            if (kind is "grey" or "palette")
                Assert.IsType<InvalidDataException>(Record.Exception(() => _refiner.Refine(_photo, new MemoryStream(cut))));
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
            Exception? refusal = Record.Exception(() => _refiner.Refine(new MemoryStream(broken), _mask));
            Assert.True(refusal is null or InvalidDataException or ArgumentException, refusal?.ToString());
        }
        StillWorks();
    }

    [Fact]
    public void More_pixels_than_the_limit_are_refused_from_the_header()
    {
        string bomb = _folder.File("bomb.png", PngFile.Claiming(60_000, 60_000));
        long before = GC.GetTotalAllocatedBytes(precise: true);
        Refused<InvalidDataException>("image", () => _refiner.Refine(bomb, _mask), "60000 x 60000", "1,000,000");
        Refused<InvalidDataException>("coarseMask", () => _refiner.Refine(_photo, bomb), "60000 x 60000");
        Refused<InvalidDataException>("mask", () => Mask.Load(bomb), "60000 x 60000", "100,000,000");
        Refused<InvalidDataException>("mask", () => Mask.Load(bomb, 1000), "60000 x 60000", "1,000");
        Refused<InvalidDataException>("path", () => LabelMap.Load(bomb, pixelLimit: 1000), "60000 x 60000", "1,000");
        Assert.Throws<ArgumentOutOfRangeException>("pixelLimit", () => Mask.Load(bomb, 0));
        Assert.Throws<ArgumentOutOfRangeException>("pixelLimit", () => LabelMap.Load(bomb, pixelLimit: 600_000_000));
        Assert.True(GC.GetTotalAllocatedBytes(precise: true) - before < 20_000_000);
        Refused<InvalidDataException>("image", () => _refiner.Refine(ImageInput.FromPixels(new byte[1_000_001], 1_000_001, 1, PixelFormat.Gray8), _mask), "1000001 x 1");
        Refused<InvalidDataException>("coarseMask", () => _refiner.Refine(_photo, MaskInput.FromPixels(new byte[1_000_001], 1_000_001, 1)), "1000001 x 1");
        Refused<InvalidDataException>("image", () => _refiner.Refine(new EndlessStream(), _mask), "bytes");
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
        Refused<ArgumentException>("coarseMask", () => _refiner.Refine(_photo, Raw(float.NaN)), "NaN");
        Refused<ArgumentException>("coarseMask", () => _refiner.Refine(_photo, Raw(1.5f)), "1.5", "0..1");
        Refused<ArgumentException>("coarseMask", () => _refiner.Refine(_photo, Raw(-0.1f)), "-0.1");
        Refused<ArgumentException>("coarseMask", () => _refiner.Refine(_photo, Raw(float.PositiveInfinity)));
        Refused<ArgumentException>("coarseClasses", () => _refiner.Refine(_photo, ClassProbabilities.FromPixels([0, 2], 1, 2, 1)), "2");

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
        Refused<InvalidDataException>("image", () => _refiner.Refine(empty, _mask), "0 x 0");
        Refused<ArgumentException>("image", () => _refiner.Refine(disposed, _mask), "disposed");
        Refused<ArgumentException>("coarseMask", () => _refiner.Refine(_photo, disposed), "disposed");
        Refused<ArgumentException>("image", () => _refiner.Refine(closed, _mask), "closed");
    }

    [Fact]
    public void An_exception_of_the_callers_stream_comes_through()
        => Refused<TimeoutException>("", () => _refiner.Refine(new FailingStream(), _mask));

    private void Refused<T>(string argument, Action call, params string[] mentioned) where T : Exception
    {
        T refusal = Assert.ThrowsAny<T>(call);
        foreach (string text in mentioned.Append(argument))
            Assert.Contains(text, refusal.Message, StringComparison.Ordinal);
        if (refusal is ArgumentException named)
            Assert.Equal(argument, named.ParamName);
        StillWorks();
    }

    private void StillWorks() => Assert.Equal(1f, _refiner.Refine(_photo, _mask)[Width - 1, 0]);

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
