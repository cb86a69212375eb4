using SkiaSharp;
using Xunit;

namespace Spn.Tests.Imaging;

/// <summary>Which of grey, alpha and colour carries the mask of a file.</summary>
public sealed class MaskChannelTests
{
    private const int Width = 40, Height = 50; // a thousandth of the pixels is two

    private static bool Inside(int x) => x >= Width / 2;

    [Theory]
    [InlineData(254)]
    [InlineData(130)]
    [InlineData(0)]
    public void One_transparent_pixel_leaves_the_grey_mask(byte alpha)
        => AssertGrey(Pictures.Png(Width, Height, (x, y) => Grey(Inside(x), x == 30 && y == 4 ? alpha : byte.MaxValue), SKAlphaType.Unpremul), skipped: (30, 4));

    [Fact]
    public void Slight_transparency_of_many_pixels_leaves_the_grey_mask()
        => AssertGrey(Pictures.Png(Width, Height, (x, y) => Grey(Inside(x), (byte)(255 - (x + y) % 3)), SKAlphaType.Unpremul));

    [Fact]
    public void Alpha_of_a_single_colour_is_the_mask_even_if_it_is_faint()
    {
        Mask mask = Mask.Load(Pictures.Png(Width, Height, (x, _) => new SKColor(20, 90, 200, (byte)(Inside(x) ? 255 : 190)), SKAlphaType.Unpremul));
        Assert.Equal((190 / 255f, 1), (mask[0, 0], mask[Width - 1, 0]));
    }

    [Fact]
    public void A_cut_out_of_a_photo_is_its_alpha()
    {
        Mask mask = Mask.Load(Pictures.Png(Width, Height, (x, y) => Pictures.ColourAt(x, y).WithAlpha((byte)(Inside(x) ? 255 : 0)), SKAlphaType.Unpremul));
        Assert.Equal((0, 1), (mask[0, 0], mask[Width - 1, 0]));
    }

    [Fact]
    public void A_photo_with_one_nearly_opaque_pixel_is_not_a_mask()
    {
        byte[] file = Pictures.Png(Width, Height, (x, y) => Pictures.ColourAt(x, y).WithAlpha((byte)(x + y == 0 ? 254 : 255)), SKAlphaType.Unpremul);
        Assert.Contains("swapped", Assert.Throws<InvalidDataException>(() => Mask.Load(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_colour_mask_needs_its_colour_table()
    {
        byte[] red = Pictures.Png(Width, Height, (x, _) => Inside(x) ? SKColors.Red : SKColors.Black);
        Assert.Throws<InvalidDataException>(() => Mask.Load(red));
        Mask mask = Mask.Load(MaskInput.From(red).With(new MaskOptions { Colors = [SKColors.Black, SKColors.Red] }));
        Assert.Equal((0, 1), (mask[0, 0], mask[Width - 1, 0]));

        byte[] voc = Pictures.Png(Width, Height, (x, y) => LabelPalette.Voc[y == 0 ? 255 : Inside(x) ? 8 : 0]);
        mask = Mask.Load(MaskInput.From(voc).With(new MaskOptions { Colors = LabelPalette.Voc }));
        Assert.Equal((128 / 255f, 0, 1), (mask[0, 0], mask[0, 1], mask[Width - 1, 1]));
    }

    [Fact]
    public void Unknown_and_several_colours_are_refused()
    {
        byte[] three = Pictures.Png(Width, Height, (x, y) => LabelPalette.Voc[x % 3]);
        MaskOptions voc = new() { Colors = LabelPalette.Voc };
        Assert.Contains("several labels", Assert.Throws<InvalidDataException>(() => Mask.Load(MaskInput.From(three).With(voc))).Message, StringComparison.Ordinal);
        byte[] unknown = Pictures.Png(Width, Height, (x, y) => x == 5 ? new SKColor(1, 2, 3) : SKColors.Black);
        Assert.Contains("(1, 2, 3)", Assert.Throws<InvalidDataException>(() => Mask.Load(MaskInput.From(unknown).With(voc))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Label_maps_are_read_by_colour()
    {
        byte[] file = Pictures.Png(Width, Height, (x, y) => LabelPalette.Voc[x == y ? 255 : x % 21]);
        Assert.Contains("LabelPalette.Voc", Assert.Throws<InvalidDataException>(() => LabelMap.Load(file)).Message, StringComparison.Ordinal);
        LabelMap labels = LabelMap.Load(file, LabelPalette.Voc);
        Assert.Equal((255, 3, 15), (labels[3, 3], labels[3, 4], labels[36, 0]));
        Assert.Equal(LabelPalette.Voc[15], labels.Palette![15]);
    }

    [Fact]
    public void The_VOC_table_is_the_published_one()
        => Assert.Equal([.. PngFile.VocPalette()], LabelPalette.Voc);

    private static SKColor Grey(bool inside, byte alpha) => new((byte)(inside ? 255 : 0), (byte)(inside ? 255 : 0), (byte)(inside ? 255 : 0), alpha);

    private static void AssertGrey(byte[] file, (int X, int Y)? skipped = null)
    {
        Mask mask = Mask.Load(file);
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                if (skipped != (x, y)) // the colour of an invisible pixel is lost
                    Assert.Equal(Inside(x) ? 1 : 0, mask[x, y], 0.01f);
            }
        }
    }
}
