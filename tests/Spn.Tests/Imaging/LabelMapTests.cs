using Xunit;

namespace Spn.Tests.Imaging;

public sealed class LabelMapTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_label_file_is_read_by_index_and_saved_with_its_palette()
    {
        string path = _folder.File("voc.png", PngFile.Make(new[,] { { 0, 15, 255 }, { 7, 7, 0 } }, 8, PngFile.VocPalette(), interlaced: true));

        LabelMap map = LabelMap.Load(path);
        string copy = _folder.File("copy.png");
        map.Save(copy);
        LabelMap again = LabelMap.Load(copy);

        Assert.Equal((3, 2), (map.Width, map.Height));
        Assert.Equal([0, 15, 255, 7, 7, 0], map.Labels.ToArray());
        Assert.Equal(15, map[1, 0]);
        Assert.Equal(PngFile.VocPalette(), map.Palette);
        Assert.Equal(map.Labels.ToArray(), again.Labels.ToArray());
        Assert.Equal(map.Palette, again.Palette);
    }

    [Fact]
    public void Grey_files_are_labels_by_their_stored_values()
    {
        Assert.Equal([0, 1, 3], LabelMap.Load(new MemoryStream(PngFile.Make(new[,] { { 0, 1, 3 } }, 2))).Labels.ToArray());
        Assert.Null(LabelMap.Load(new MemoryStream(PngFile.Make(new[,] { { 0, 1, 3 } }, 2))).Palette);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(40_000)]
    public void Raw_labels_survive_a_file(int highest)
    {
        string path = _folder.File("labels.png");
        LabelMap.FromPixels([0, highest, -1, 3, 4], 2, 2, 3).Save(path);
        Assert.Equal([0, highest, 3, 4], LabelMap.Load(path).Labels.ToArray());
    }

    [Fact]
    public void Labels_copy_as_ints_and_as_bytes()
    {
        LabelMap map = LabelMap.FromPixels(new byte[] { 3, 255, 0, 9 }, 2, 2);
        byte[] bytes = new byte[4];
        int[] ints = new int[4];
        map.CopyTo(bytes);
        map.CopyTo(ints);
        Assert.Equal([3, 255, 0, 9], bytes);
        Assert.Equal([3, 255, 0, 9], ints);
        Assert.Throws<ArgumentException>("destination", () => map.CopyTo(new byte[3]));
        Assert.Throws<InvalidOperationException>(() => LabelMap.FromPixels([256], 1, 1).CopyTo(bytes));
    }

    [Fact]
    public void What_cannot_be_a_label_map_is_refused()
    {
        Assert.Throws<ArgumentException>(() => LabelMap.FromPixels([1, -1], 2, 1));
        Assert.Throws<ArgumentException>(() => LabelMap.FromPixels(new byte[3], 2, 2));
        Assert.Throws<InvalidOperationException>(() => LabelMap.FromPixels([70_000], 1, 1).Save(_folder.File("big.png")));
        InvalidDataException colours = Assert.Throws<InvalidDataException>(() => LabelMap.Load(new MemoryStream(Pictures.ColourPng(4, 4))));
        Assert.Contains("palette", colours.Message, StringComparison.Ordinal);
        byte[] file = PngFile.Make(new[,] { { 0, 1, 3 } }, 2, PngFile.VocPalette()[..4]);
        Assert.Contains("damaged", Assert.Throws<InvalidDataException>(() => LabelMap.Load(new MemoryStream(file[..^14]))).Message, StringComparison.Ordinal);
    }
}
