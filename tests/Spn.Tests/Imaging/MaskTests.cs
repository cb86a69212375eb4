using SkiaSharp;
using Spn.Shared;
using Xunit;

namespace Spn.Tests.Imaging;

public sealed class MaskTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Seven by five, each value a whole number of 255ths.</summary>
    private readonly Mask _mask = new(7, 5, [.. Enumerable.Range(0, 35).Select(i => i * 7 / 255f)]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Save_and_load_give_the_same_mask()
    {
        string path = _folder.File("mask.png");
        _mask.Save(path);
        Assert.Equal(_mask.Pixels.ToArray(), Mask.Load(path).Pixels.ToArray());
        _mask.Threshold().Save(path);
        Assert.Equal(_mask.Threshold().Pixels.ToArray(), Mask.Load(path).Pixels.ToArray());
        Assert.Single(Directory.GetFiles(_folder.Path));
        using SKBitmap seen = SKBitmap.Decode(path);
        Assert.Equal(SKColorType.Gray8, seen.ColorType);
    }

    [Fact]
    public void A_failed_save_leaves_the_old_file_and_nothing_else()
    {
        string path = _folder.File("mask.png", [1, 2, 3]);
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, stream =>
        {
            stream.WriteByte(9);
            throw new InvalidOperationException("full");
        }));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Save_names_what_is_wrong_with_a_path()
    {
        Assert.Contains(".png", Assert.Throws<ArgumentException>(() => _mask.Save(_folder.File("mask.tif"))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => _mask.Save((string)null!));
        Assert.Throws<DirectoryNotFoundException>(() => _mask.Save(_folder.File(Path.Combine("missing", "mask.png"))));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Threshold_includes_its_value()
    {
        Mask hard = new Mask(2, 2, [0f, 0.49999997f, 0.5f, 1f]).Threshold();
        Assert.Equal([0, 0, 1, 1], hard.Pixels.ToArray());
        Assert.Equal([1, 1, 1, 1], hard.Threshold(0).Pixels.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => hard.Threshold(float.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => hard.Threshold(1.5f));
    }

    [Fact]
    public void Bytes_floats_and_bitmap_hold_the_same()
    {
        byte[] expected = [.. Enumerable.Range(0, 35).Select(i => (byte)(i * 7))];
        byte[] bytes = new byte[40];
        float[] floats = new float[35];
        _mask.CopyTo(bytes);
        _mask.CopyTo(floats);
        Assert.Equal([.. expected, 0, 0, 0, 0, 0], bytes);
        Assert.Equal(_mask.Pixels.ToArray(), floats);
        Assert.Equal(expected, _mask.ToBytes());
        using SKBitmap bitmap = _mask.ToSKBitmap();
        Assert.Equal((SKColorType.Gray8, 7, 5), (bitmap.ColorType, bitmap.Width, bitmap.Height));
        Assert.Equal(expected, bitmap.Pixels.Select(p => p.Red));
        Assert.Equal(19 * 7 / 255f, _mask[5, 2]);
        Assert.Throws<ArgumentException>(() => _mask.CopyTo(new byte[34]));
        Assert.Throws<ArgumentException>(() => _mask.CopyTo(new float[34]));
        Assert.Throws<ArgumentOutOfRangeException>(() => _mask[7, 0]);
    }

    [Fact]
    public void Levels_stretch_what_lies_between_them()
    {
        Mask mask = Mask.Load(MaskInput.FromPixels(new[] { 0f, 0.2f, 0.3f, 0.5f, 0.6f, 1f }.AsMemory(), 6, 1));
        float[] expected = [0, 0, 0.25f, 0.75f, 1, 1], levels = mask.Levels(0.2f, 0.6f).Pixels.ToArray();
        Assert.All(expected.Zip(levels), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
        Assert.Equal(mask.Pixels, mask.Levels(0, 1).Pixels);
        Assert.Throws<ArgumentOutOfRangeException>("black", () => mask.Levels(float.NaN, 1));
        Assert.Throws<ArgumentOutOfRangeException>("black", () => mask.Levels(-0.1f, 1));
        Assert.Throws<ArgumentOutOfRangeException>("white", () => mask.Levels(0.5f, 0.5f));
        Assert.Throws<ArgumentOutOfRangeException>("white", () => mask.Levels(0.5f, 1.1f));
    }
}
