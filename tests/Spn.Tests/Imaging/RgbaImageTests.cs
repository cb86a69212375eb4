using System.Drawing;
using SkiaSharp;
using Xunit;

namespace Spn.Tests.Imaging;

public sealed class RgbaImageTests : IDisposable
{
    private static readonly SKColor s_clear = new(0, 0, 0, 0), s_half = new(200, 100, 0, 128), s_solid = new(10, 20, 30, 255);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Over_a_colour_it_is_blended_by_its_alpha()
    {
        RgbaImage picture = Picture(3, 1, s_clear, s_half, s_solid);
        RgbaImage result = picture.Over(new SKColor(0, 200, 255));
        Assert.Equal(new SKColor(0, 200, 255, 255), result[0, 0]);
        Assert.Equal(new SKColor(100, 150, 127, 255), result[1, 0]);
        Assert.Equal(s_solid, result[2, 0]);
        Assert.Equal(s_clear, picture[0, 0]);
    }

    [Fact]
    public void Over_a_transparent_colour_it_stays_transparent_in_part()
    {
        RgbaImage result = Picture(2, 1, s_clear, s_half).Over(new SKColor(0, 0, 200, 100));
        Assert.Equal(new SKColor(0, 0, 200, 100), result[0, 0]);
        // alpha = 128/255 + 100/255 · 127/255; red = 200 · 128/255 / alpha
        Assert.Equal(new SKColor(144, 72, 56, 178), result[1, 0]);
        Assert.Equal(s_clear, Picture(1, 1, s_clear).Over(SKColor.Empty)[0, 0]);
    }

    [Fact]
    public void Another_picture_is_scaled_to_cover_it()
    {
        byte[] wide = Pictures.Png(8, 2, (x, _) => x is < 3 or > 4 ? SKColors.Red : SKColors.Lime);
        RgbaImage result = Picture(2, 2, s_clear, s_clear, s_solid, s_clear).Over(wide);
        Assert.Equal(SKColors.Lime, result[0, 0]);
        Assert.Equal(SKColors.Lime, result[1, 1]);
        Assert.Equal(s_solid, result[0, 1]);
        RgbaImage enlarged = Picture(4, 8, [.. Enumerable.Repeat(s_clear, 32)]).Over(Pictures.Png(2, 2, (_, _) => SKColors.Blue));
        Assert.All(Enumerable.Range(0, 32), i => Assert.Equal(SKColors.Blue, enlarged[i % 4, i / 4]));
    }

    [Fact]
    public void It_is_cropped_to_an_area()
    {
        RgbaImage part = Picture(3, 2, s_clear, s_half, s_solid, s_solid, s_clear, s_half).Crop(new Rectangle(1, 0, 2, 2));
        Assert.Equal((2, 2), (part.Width, part.Height));
        Assert.Equal([s_half, s_solid, s_clear, s_half], Enumerable.Range(0, 4).Select(i => part[i % 2, i / 2]));
        foreach (Rectangle area in new Rectangle[] { new(0, 0, 0, 1), new(2, 0, 2, 1), new(-1, 0, 1, 1), new(0, 0, 1, int.MaxValue) })
            Assert.Throws<ArgumentException>("area", () => part.Crop(area));
    }

    [Fact]
    public void It_is_cropped_to_the_object()
    {
        SKColor faint = new(255, 255, 255, 12);
        RgbaImage picture = Picture(6, 4, [.. Enumerable.Range(0, 24).Select(i => i == 0 ? faint : i is 14 or 21 ? s_half : s_clear)]);
        Assert.Equal((2, 2), Size(picture.CropToObject()));
        Assert.Equal((4, 3), Size(picture.CropToObject(padding: 1)));
        Assert.Equal((6, 4), Size(picture.CropToObject(padding: int.MaxValue)));
        Assert.Equal((4, 4), Size(picture.CropToObject(minAlpha: 12)));
        Assert.Equal((3, 1), Size(Picture(3, 1, s_clear, s_clear, s_clear).CropToObject()));
        Assert.Throws<ArgumentOutOfRangeException>("padding", () => picture.CropToObject(-1));
        Assert.Throws<ArgumentOutOfRangeException>("minAlpha", () => picture.CropToObject(minAlpha: 0));
    }

    [Fact]
    public async Task It_is_saved_as_it_is()
    {
        RgbaImage picture = Picture(3, 2, s_clear, s_half, s_solid, new(255, 0, 0, 1), new(0, 255, 0, 254), new(1, 2, 3, 77));
        picture.Save(_folder.File("a.png"));
        await picture.SaveAsync(_folder.File("b.PNG"), TestContext.Current.CancellationToken);
        using MemoryStream stream = new();
        picture.Save(stream);
        await using AsyncOnlyStream asynchronous = new();
        await picture.SaveAsync(asynchronous, TestContext.Current.CancellationToken);
        byte[] expected = stream.ToArray();
        Assert.Equal(expected, asynchronous.Content);
        Assert.Equal(expected, File.ReadAllBytes(_folder.File("a.png")));
        Assert.Equal(expected, File.ReadAllBytes(_folder.File("b.PNG")));
        Assert.Equal(2, Directory.GetFiles(_folder.Path).Length);
        using SKBitmap bitmap = SKBitmap.Decode(expected, new SKImageInfo(3, 2, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        Assert.Equal(picture.Pixels, bitmap.GetPixelSpan());
        using SKBitmap own = picture.ToSKBitmap();
        Assert.Equal((SKAlphaType.Unpremul, new SKColor(255, 0, 0, 1)), (own.AlphaType, own.GetPixel(0, 1)));
        Assert.Equal([0, 128, 255, 1, 254, 77], picture.ToMask().ToBytes());
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        RgbaImage picture = Picture(1, 1, s_solid);
        Assert.Throws<ArgumentException>("path", () => picture.Save("picture.jpg"));
        Assert.Throws<ArgumentException>("path", () => picture.Save(" "));
        Assert.Throws<DirectoryNotFoundException>(() => picture.Save(_folder.File(Path.Combine("missing", "a.png"))));
        Assert.Throws<ArgumentNullException>("stream", () => picture.Save((Stream)null!));
        Assert.Throws<ArgumentNullException>("background", () => picture.Over(null!));
        Assert.Throws<InvalidDataException>(() => picture.Over(Pictures.ColourPng(20, 20), pixelLimit: 100));
        Assert.Throws<ArgumentOutOfRangeException>("x", () => picture[1, 0]);
        Assert.Throws<ArgumentOutOfRangeException>("y", () => picture[0, -1]);
    }

    private static (int Width, int Height) Size(RgbaImage picture) => (picture.Width, picture.Height);

    private static RgbaImage Picture(int width, int height, params SKColor[] colours)
        => new(width, height, [.. colours.SelectMany(colour => new[] { colour.Red, colour.Green, colour.Blue, colour.Alpha })]);
}
