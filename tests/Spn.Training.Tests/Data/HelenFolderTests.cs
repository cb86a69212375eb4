using Spn.Training;
using Xunit;

namespace Spn.Training.Tests.Data;

public sealed class HelenFolderTests : IDisposable
{
    private const int Width = 11, Height = 3, Classes = 7;

    private readonly TemporaryFolder _folder = new();

    public HelenFolderTests()
    {
        Add("100032540_1", bald: false);
        Add("10405146_1", bald: true);
        List("exemplars", "1 , 100032540_1\n2 , 10405146_1\n");
        List("testing", "0 , 10405146_1\r\n\r\n");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Each_class_of_a_face_becomes_an_image()
    {
        var images = new HelenFolder(_folder.Path);
        Assert.Equal(2 * Classes, images.Count);
        int[][] columns = [[1], [2, 3], [4, 5], [6], [7, 9], [7, 8, 9], [10]];
        for (int c = 0; c < Classes; c++)
        {
            LabeledImage image = images.Image((ulong)c);
            Assert.Equal((Width, Height), (image.Width, image.Height));
            Assert.Equal(Enumerable.Range(0, Width * Height).Select(i => (byte)(columns[c].Contains(i % Width) ? 250 : 0)), image.Mask);
            Assert.Null(image.Ignored);
            Assert.Equal(image.Mask, images.Image((ulong)(c + 4 * Classes)).Mask);
        }
    }

    [Fact]
    public void Soft_maps_add_up_to_at_most_a_whole()
    {
        const string upper = "labels/100032540_1/100032540_1_lbl07.png", inner = "labels/100032540_1/100032540_1_lbl08.png";
        _folder.File(upper, Pictures.GreyPng(Width, Height, (x, _) => (byte)(x == 0 ? 100 : 200)));
        _folder.File(inner, Pictures.GreyPng(Width, Height, (_, _) => 90));
        byte[] mouth = new HelenFolder(_folder.Path).Image(5).Mask;
        Assert.Equal((190, 255), (mouth[0], mouth[1]));
    }

    [Fact]
    public void A_missing_class_is_replaced_by_the_next()
    {
        var images = new HelenFolder(_folder.Path, "testing");
        Assert.Equal(Classes, images.Count);
        Assert.Equal(images.Image(0).Mask, images.Image(6).Mask); // skin for hair

        for (int map = 1; map <= 10; map++)
            _folder.File($"labels/10405146_1/10405146_1_lbl{map:00}.png", Pictures.GreyPng(Width, Height, (_, _) => 127));
        Assert.Equal(254, images.Image(1).Mask[0]); // two faint brows make one
        for (int map = 1; map <= 10; map++)
            _folder.File($"labels/10405146_1/10405146_1_lbl{map:00}.png", Pictures.GreyPng(Width, Height, (_, _) => 20));
        Assert.Contains("10405146_1", Assert.Throws<InvalidDataException>(() => images.Image(1)).Message);
    }

    [Fact]
    public void What_is_missing_or_does_not_fit_is_named()
    {
        Assert.Contains("nowhere", Assert.Throws<DirectoryNotFoundException>(() => new HelenFolder(_folder.File("nowhere"))).Message);
        Assert.Contains("tuning.txt", Assert.Throws<FileNotFoundException>(() => new HelenFolder(_folder.Path, "tuning")).Message);
        foreach (string line in new[] { "100032540_1", "1 , ", "1 , 2 , 3" })
        {
            List("tuning", line);
            Assert.Contains($"'{line.Trim()}'", Assert.Throws<InvalidDataException>(() => new HelenFolder(_folder.Path, "tuning")).Message);
        }
        List("tuning", "1 , nobody");
        Assert.Contains("nobody.jpg", Assert.Throws<FileNotFoundException>(() => new HelenFolder(_folder.Path, "tuning")).Message);

        var images = new HelenFolder(_folder.Path);
        File.Delete(_folder.File("labels/100032540_1/100032540_1_lbl06.png"));
        Assert.Contains("lbl06.png", Assert.Throws<FileNotFoundException>(() => images.Image(3)).Message);
        _folder.File("labels/100032540_1/100032540_1_lbl06.png", Pictures.GreyPng(2, 2, (_, _) => 0));
        Assert.Contains("2 x 2, but its photo is 11 x 3", Assert.Throws<InvalidDataException>(() => images.Image(3)).Message);
    }

    /// <summary>A face whose map n covers column n.</summary>
    private void Add(string name, bool bald)
    {
        _folder.File($"images/{name}.jpg", Pictures.Encode(Pictures.Colours(Width, Height), SkiaSharp.SKEncodedImageFormat.Jpeg, 90));
        for (int map = 0; map <= 10; map++)
        {
            byte value = (byte)(bald && map == 10 ? 0 : 250);
            _folder.File($"labels/{name}/{name}_lbl{map:00}.png", Pictures.GreyPng(Width, Height, (x, _) => x == map ? value : (byte)0));
        }
    }

    private void List(string split, string text) => _folder.File(split + ".txt", System.Text.Encoding.UTF8.GetBytes(text));
}
