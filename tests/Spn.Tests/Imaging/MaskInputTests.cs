using SkiaSharp;
using TorchSharp;
using Xunit;
using static Spn.Testing.Pictures;

namespace Spn.Tests.Imaging;

/// <summary>Every source of a mask, and which channel of a picture carries it.</summary>
public sealed class MaskInputTests
{
    private const int Width = 11, Height = 5;

    private static byte GreyAt(int x, int y) => (byte)(x * 20 + y * 7);

    private static readonly float[] s_expected = [.. Enumerable.Range(0, Width * Height).Select(i => GreyAt(i % Width, i / Width) / 255f)];

    [Fact]
    public void Every_source_agrees_to_the_bit()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using TemporaryFolder folder = new();
        byte[] png = GreyPng(Width, Height, GreyAt), bytes = [.. s_expected.Select(v => (byte)(v * 255 + 0.5f))];
        using SKBitmap grey = SKBitmap.Decode(png), colour = Bitmap(Width, Height, (x, y) => new SKColor(GreyAt(x, y), GreyAt(x, y), GreyAt(x, y)));
        torch.Tensor tensor = torch.tensor(s_expected, Height, Width);

        AssertMask(folder.File("mask.png", png));
        AssertMask(new MemoryStream(png));
        AssertMask(grey);
        AssertMask(colour);
        AssertMask(new MemoryStream(Png(colour)));
        AssertMask(new Mask(Width, Height, s_expected));
        AssertMask(MaskInput.FromPixels(bytes, Width, Height));
        AssertMask(MaskInput.FromPixels(bytes.AsSpan(), Width, Height));
        AssertMask(MaskInput.FromPixels(s_expected, Width, Height));
        AssertMask(MaskInput.FromPixels(s_expected.AsSpan(), Width, Height));
        AssertMask(tensor);
        AssertMask(tensor.unsqueeze(0));
        AssertMask(tensor.unsqueeze(0).unsqueeze(0).to(torch.float64));
        AssertMask(torch.tensor(bytes, Height, Width));
    }

    [Fact]
    public void Bools_are_zero_and_one_in_every_form()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        bool[] bits = [true, false, false, true, true, false];
        foreach (MaskInput input in new[]
        {
            MaskInput.FromPixels(bits, 3, 2), MaskInput.FromPixels(bits.AsSpan(), 3, 2), torch.tensor(bits, 2, 3),
        })
        {
            Assert.Equal([1, 0, 0, 1, 1, 0], Mask.Load(input).Pixels.ToArray());
        }
    }

    [Fact]
    public void Strides_skip_what_lies_between_rows()
    {
        Assert.Equal([0, 1, 1, 0], Mask.Load(MaskInput.FromPixels([0f, 1f, 9f, 1f, 0f], 2, 2, 3)).Pixels.ToArray());
        Assert.Equal([0, 1, 1, 0], Mask.Load(MaskInput.FromPixels(new byte[] { 0, 255, 9, 255, 0 }, 2, 2, 3)).Pixels.ToArray());
        Assert.Equal([0, 1, 1, 0], Mask.Load(MaskInput.FromPixels(new[] { false, true, true, true, false }, 2, 2, 3)).Pixels.ToArray());
    }

    [Fact]
    public void A_cut_out_carries_its_mask_in_alpha()
    {
        AssertMask(new MemoryStream(Png(Width, Height, (x, y) => new SKColor(10, 200, 30, GreyAt(x, y)), SKAlphaType.Unpremul)));
        using SKBitmap constant = Bitmap(Width, Height, (x, y) => SKColors.White.WithAlpha(GreyAt(x, y)), SKAlphaType.Unpremul);
        AssertMask(constant);
        using SKBitmap premultiplied = Bitmap(Width, Height, (x, y) => SKColors.White.WithAlpha(GreyAt(x, y)), SKAlphaType.Premul);
        AssertMask(premultiplied);
        using SKBitmap alphaOnly = new(Width, Height, SKColorType.Alpha8, SKAlphaType.Premul);
        for (int i = 0; i < s_expected.Length; i++)
            alphaOnly.SetPixel(i % Width, i / Width, SKColors.White.WithAlpha(GreyAt(i % Width, i / Width)));
        AssertMask(alphaOnly);
    }

    [Fact]
    public void Opaque_pictures_with_an_alpha_channel_are_grey_masks()
        => AssertMask(new MemoryStream(Png(Width, Height, (x, y) => new SKColor(GreyAt(x, y), GreyAt(x, y), GreyAt(x, y)), SKAlphaType.Unpremul)));

    [Fact]
    public void A_grey_palette_is_grey()
    {
        SKColor[] palette = [SKColors.White, SKColors.Black, new(51, 51, 51)];
        byte[] file = PngFile.Make(new[,] { { 0, 1, 2 }, { 2, 1, 0 } }, 2, palette);
        Assert.Equal([1, 0, 0.2f, 0.2f, 0, 1], Mask.Load(new MemoryStream(file)).Pixels.ToArray());
    }

    [Fact]
    public void A_label_file_of_one_object_is_its_mask_and_void_is_undecided()
    {
        byte[] file = PngFile.Make(new[,] { { 0, 7, 255 } }, 8, PngFile.VocPalette());
        Assert.Equal([0, 1, 128 / 255f], Mask.Load(new MemoryStream(file)).Pixels.ToArray());
    }

    [Fact]
    public void A_label_file_of_several_objects_is_refused_with_the_way_out()
    {
        byte[] file = PngFile.Make(new[,] { { 0, 7, 9 } }, 8, PngFile.VocPalette());
        InvalidDataException refusal = Assert.Throws<InvalidDataException>(() => Mask.Load(new MemoryStream(file)));
        Assert.Contains("LabelMap.Load", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_coloured_picture_is_no_mask()
    {
        using SKBitmap photo = Colours(Width, Height);
        Assert.Contains("swapped", Assert.Throws<InvalidDataException>(() => Mask.Load(new MemoryStream(Png(photo)))).Message, StringComparison.Ordinal);
        Assert.Contains("swapped", Assert.Throws<ArgumentException>(() => Mask.Load(photo)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_grey_jpeg_is_a_mask_upright_by_its_exif()
    {
        foreach (SKColorType colours in new[] { SKColorType.Rgba8888, SKColorType.Gray8 })
        {
            Mask mask = Mask.Load(new MemoryStream(WithOrientation(JpegOfLeftHalf(colours), 6)));
            Assert.Equal((16, 32), (mask.Width, mask.Height));
            Assert.True(mask[8, 4] > 0.9f && mask[8, 28] < 0.1f, "the left half must have become the top half");
        }
    }

    [Fact]
    public void Sixteen_bit_grey_keeps_its_range()
    {
        Mask mask = Mask.Load(new MemoryStream(PngFile.Make(new[,] { { 0, 0x8080, 0xFFFF } }, 16)));
        Assert.Equal([0, 128 / 255f, 1], mask.Pixels.ToArray());
    }

    private static byte[] JpegOfLeftHalf(SKColorType colours)
    {
        using SKBitmap halves = Bitmap(32, 16, (x, _) => x < 16 ? SKColors.White : SKColors.Black), stored = halves.Copy(colours);
        return Encode(stored, SKEncodedImageFormat.Jpeg, 100);
    }

    private static void AssertMask(MaskInput input)
    {
        Mask mask = Mask.Load(input);
        Assert.Equal((Width, Height), (mask.Width, mask.Height));
        Assert.Equal(s_expected, mask.Pixels.ToArray());
    }
}
