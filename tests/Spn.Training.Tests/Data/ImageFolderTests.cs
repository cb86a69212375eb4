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
    public void Masks_of_real_networks_have_the_size_of_their_photo()
    {
        Add("a", (x, _) => (byte)(x < 3 ? 255 : 0));
        Add("b", (_, _) => 255);
        string masks = Directory.CreateDirectory(_folder.File("networks")).FullName;
        void Write(string name, int width, int height, Func<int, int, byte> value)
            => File.WriteAllBytes(Path.Combine(masks, name), Pictures.GreyPng(width, height, value));
        Write("a__one.png", Width, Height, (x, y) => (byte)(20 * x + y));
        Write("a__two.png", 3, 2, (x, _) => (byte)(x == 0 ? 200 : 10));

        Assert.Null(new ImageFolder(_folder.Path).Image(0).RealMasks);
        var images = new ImageFolder(_folder.Path, realMasks: masks);
        IReadOnlyList<byte[]> both = images.Image(0).RealMasks!;
        Assert.Equal(2, both.Count);
        Assert.Equal(Enumerable.Range(0, Width * Height).Select(i => (byte)(20 * (i % Width) + i / Width)), both[0]);
        Assert.Equal(Width * Height, both[1].Length);
        Assert.Equal((200, 10), (both[1][0], both[1][Width - 1]));
        Assert.Empty(images.Image(1).RealMasks!);
        Assert.Equal(both[1], Assert.Single(new ImageFolder(_folder.Path, realMasks: masks, networks: ["two"]).Image(0).RealMasks!));

        Write("b__one.png", 5, 5, (_, _) => 255);
        Assert.Contains("5 x 5", Assert.Throws<InvalidDataException>(() => new ImageFolder(_folder.Path, realMasks: masks).Image(1)).Message);
        Assert.Throws<DirectoryNotFoundException>(() => new ImageFolder(_folder.Path, realMasks: _folder.File("nowhere")));
        string message = Assert.Throws<InvalidDataException>(() => new ImageFolder(_folder.Path, realMasks: masks, networks: ["three"])).Message;
        Assert.Contains("'three'", message);
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
