using SkiaSharp;
using Spn.Training;
using Xunit;

namespace Spn.Training.Tests.Data;

public sealed class VocFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public VocFolderTests()
    {
        // Two dogs (class 12) and a person (15), void between; then a photo of a bus (6) alone.
        Add("2007_000033", new[,] { { 1, 255, 2, 2 }, { 1, 255, 0, 255 }, { 0, 0, 0, 3 } }, new[,] { { 12, 255, 15, 15 }, { 12, 255, 0, 255 }, { 0, 0, 0, 12 } });
        Add("2007_000032", new[,] { { 0, 1, 1 } }, new[,] { { 0, 6, 6 } });
        List("train", "2007_000033\n2007_000032\n");
        List("val", "\n2007_000032  \r\n\n");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Each_object_becomes_an_image_in_the_order_of_list_and_label()
    {
        var images = new VocFolder(_folder.Path);
        Assert.Equal(4, images.Count);
        Assert.Equal("x.../x.../....", Drawn(images.Image(0).Mask, 4));
        Assert.Equal("..xx/..../....", Drawn(images.Image(1).Mask, 4));
        Assert.Equal("..../..../...x", Drawn(images.Image(2).Mask, 4));
        Assert.Equal(".xx", Drawn(images.Image(3).Mask, 3));
        Assert.Equal(images.Image(2).Mask, images.Image(6).Mask);
        Assert.Equal(images.Image(1).Mask, new VocFolder(_folder.Path).Image(1).Mask);
    }

    [Fact]
    public void Void_is_ignored_and_never_inside()
    {
        var images = new VocFolder(_folder.Path);
        Assert.Equal(".x../.x.x/....", Drawn(images.Image(0).Ignored!, 4));
        Assert.Equal(images.Image(0).Ignored, images.Image(2).Ignored);
        Assert.Null(images.Image(3).Ignored);
    }

    [Fact]
    public void Objects_of_a_class_can_be_one()
    {
        var images = new VocFolder(_folder.Path, "train", classes: true);
        Assert.Equal(3, images.Count);
        Assert.Equal("x.../x.../...x", Drawn(images.Image(0).Mask, 4));
        Assert.Equal("..xx/..../....", Drawn(images.Image(1).Mask, 4));
        Assert.Equal(".x../.x.x/....", Drawn(images.Image(1).Ignored!, 4));
    }

    [Fact]
    public void A_split_is_a_list_and_the_photo_a_JPEG()
    {
        LabeledImage image = Assert.Single([new VocFolder(_folder.Path, "val")]).Image(17);
        Assert.Equal((3, 1), (image.Width, image.Height));
        Assert.All(image.Rgb.Chunk(3), pixel => Assert.True(Math.Abs(pixel[0] - 200) < 4 && Math.Abs(pixel[1] - 120) < 4 && Math.Abs(pixel[2] - 40) < 4));
    }

    [Fact]
    public void What_is_missing_or_does_not_fit_is_named()
    {
        Assert.Contains("nowhere", Assert.Throws<DirectoryNotFoundException>(() => new VocFolder(_folder.File("nowhere"))).Message);
        string missing = Assert.Throws<FileNotFoundException>(() => new VocFolder(_folder.Path, "test")).Message;
        Assert.Contains("ImageSets/Segmentation/test.txt", missing);
        Assert.Contains("JPEGImages, SegmentationObject", missing);
        List("empty", " \n\n");
        Assert.Contains("empty.txt", Assert.Throws<InvalidDataException>(() => new VocFolder(_folder.Path, "empty")).Message);

        List("photoless", "2007_000099");
        Assert.Contains("2007_000099.jpg", Assert.Throws<FileNotFoundException>(() => new VocFolder(_folder.Path, "photoless")).Message);
        _folder.File("JPEGImages/2007_000099.jpg", Jpeg(4, 4));
        Assert.Contains("2007_000099.png", Assert.Throws<FileNotFoundException>(() => new VocFolder(_folder.Path, "photoless")).Message);
        _folder.File("SegmentationObject/2007_000099.png", Pictures.ColourPng(4, 4));
        Assert.Contains("2007_000099.png", Assert.Throws<InvalidDataException>(() => new VocFolder(_folder.Path, "photoless")).Message);
        _folder.File("SegmentationObject/2007_000099.png", Palette(new[,] { { 0, 255, 0 } }));
        Assert.Contains("no object", Assert.Throws<InvalidDataException>(() => new VocFolder(_folder.Path, "photoless")).Message);
        _folder.File("SegmentationObject/2007_000099.png", Palette(new[,] { { 0, 1, 0 } }));
        Assert.Contains("3 x 1, but its photo is 4 x 4", Assert.Throws<InvalidDataException>(() => new VocFolder(_folder.Path, "photoless").Image(0)).Message);
    }

    private static string Drawn(byte[] mask, int width)
    {
        Assert.All(mask, value => Assert.True(value is 0 or 255));
        return string.Join('/', mask.Chunk(width).Select(row => string.Concat(row.Select(value => value == 255 ? 'x' : '.'))));
    }

    private static byte[] Palette(int[,] labels) => PngFile.Make(labels, 8, PngFile.VocPalette());

    private static byte[] Jpeg(int width, int height)
    {
        using SKBitmap bitmap = Pictures.Bitmap(width, height, (_, _) => new SKColor(200, 120, 40));
        return Pictures.Encode(bitmap, SKEncodedImageFormat.Jpeg, 100);
    }

    private void Add(string name, int[,] objects, int[,] classes)
    {
        _folder.File($"JPEGImages/{name}.jpg", Jpeg(objects.GetLength(1), objects.GetLength(0)));
        _folder.File($"SegmentationObject/{name}.png", Palette(objects));
        _folder.File($"SegmentationClass/{name}.png", Palette(classes));
    }

    private void List(string split, string text) => _folder.File($"ImageSets/Segmentation/{split}.txt", System.Text.Encoding.UTF8.GetBytes(text));
}
