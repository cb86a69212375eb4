using Spn.Training;
using Xunit;

namespace Spn.Training.Tests.Data;

public sealed class ImageFolderTests : IDisposable
{
    private const int Width = 7, Height = 5;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_photo_comes_with_its_mask_pixel_for_pixel()
    {
        Add("a", (x, y) => (byte)(x > 2 ? 255 : 30 * y));
        LabeledImage image = new ImageFolder(_folder.Path).Image(0);

        Assert.Equal((Width, Height), (image.Width, image.Height));
        Assert.Null(image.Ignored);
        for (int i = 0; i < Width * Height; i++)
        {
            SkiaSharp.SKColor colour = Pictures.ColourAt(i % Width, i / Width);
            Assert.Equal((colour.Red, colour.Green, colour.Blue), (image.Rgb[3 * i], image.Rgb[3 * i + 1], image.Rgb[3 * i + 2]));
            Assert.Equal(i % Width > 2 ? 255 : 30 * (i / Width), image.Mask[i]);
        }
    }

    [Fact]
    public void Photos_come_in_the_order_of_their_names_round_and_round()
    {
        foreach ((string name, byte value) in new[] { ("b", (byte)200), ("a", (byte)100), ("C", (byte)50) })
            Add(name, (_, _) => value);
        var images = new ImageFolder(_folder.Path);

        Assert.Equal(3, images.Count);
        Assert.Equal([50, 100, 200, 50, 100], Enumerable.Range(0, 5).Select(n => (int)images.Image((ulong)n).Mask[0]));
        Assert.Equal(images.Image(ulong.MaxValue % 3).Mask, images.Image(ulong.MaxValue).Mask);
    }

    [Fact]
    public void Void_is_ignored()
    {
        Add("a", (x, _) => (byte)(x < 3 ? 255 : 0));
        _folder.File("a_void.png", Pictures.GreyPng(Width, Height, (x, _) => (byte)(x == 3 ? 255 : 0)));
        LabeledImage image = new ImageFolder(_folder.Path).Image(0);
        Assert.Equal(Enumerable.Range(0, Width * Height).Select(i => (byte)(i % Width == 3 ? 255 : 0)), image.Ignored);
    }

    [Fact]
    public void A_split_uses_the_photos_of_its_list()
    {
        foreach (string name in new[] { "a", "b", "c" })
            Add(name, (_, _) => (byte)name[0]);
        File.WriteAllText(_folder.File("sequences.csv"), "id,sequence,split\na,one,train\nb, two , val \nc,three,train\nd,four,train\n");

        Assert.Equal(3, new ImageFolder(_folder.Path).Count);
        var training = new ImageFolder(_folder.Path, "train");
        Assert.Equal([(byte)'a', (byte)'c'], Enumerable.Range(0, training.Count).Select(n => training.Image((ulong)n).Mask[0]));
        Assert.Equal((byte)'b', Assert.Single([new ImageFolder(_folder.Path, "val")]).Image(0).Mask[0]);
        Assert.Contains("'test'", Assert.Throws<InvalidDataException>(() => new ImageFolder(_folder.Path, "test")).Message);
    }

    [Fact]
    public void What_is_missing_or_does_not_fit_is_named()
    {
        Assert.Throws<ArgumentException>("folder", () => new ImageFolder(""));
        Assert.Contains("nowhere", Assert.Throws<DirectoryNotFoundException>(() => new ImageFolder(_folder.File("nowhere"))).Message);
        Assert.Contains("nowhere", Assert.Throws<DirectoryNotFoundException>(() => new ImageFolder(_folder.File("nowhere"), "train")).Message);
        _folder.File("lonely.png", Pictures.ColourPng(Width, Height));
        Assert.Contains("_gt.png", Assert.Throws<InvalidDataException>(() => new ImageFolder(_folder.Path)).Message);
        Assert.Contains("sequences.csv", Assert.Throws<FileNotFoundException>(() => new ImageFolder(_folder.Path, "train")).Message);

        _folder.File("a_gt.png", Pictures.GreyPng(Width, Height, (_, _) => 255));
        var images = new ImageFolder(_folder.Path);
        Assert.Contains("a.jpg", Assert.Throws<FileNotFoundException>(() => images.Image(0)).Message);
        _folder.File("a.png", Pictures.ColourPng(Width + 1, Height));
        Assert.Contains("7 x 5, but its photo is 8 x 5", Assert.Throws<InvalidDataException>(() => images.Image(0)).Message);
        _folder.File("a.png", [1, 2, 3]);
        Assert.Throws<InvalidDataException>(() => images.Image(0));
    }

    private void Add(string name, Func<int, int, byte> mask)
    {
        _folder.File(name + ".png", Pictures.ColourPng(Width, Height));
        _folder.File(name + "_gt.png", Pictures.GreyPng(Width, Height, mask));
    }
}
