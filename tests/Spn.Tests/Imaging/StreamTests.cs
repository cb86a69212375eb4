using SkiaSharp;
using Spn.Tests.Refinement;
using Xunit;

namespace Spn.Tests.Imaging;

/// <summary>Asynchronous reading and writing, encoded files in memory, and the formats that masks are saved in.</summary>
public sealed class StreamTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static byte[] Photo => Pictures.ColourPng(8, 6);

    private static byte[] HalfPng => Pictures.GreyPng(8, 6, (x, _) => (byte)(x < 4 ? 255 : 0));

    private static Refiner Keeping() => SpnRefiner.Configure().OnCpu().WithMethod(new FakeGuidance()).Build();

    [Fact]
    public async Task Request_and_response_bodies()
    {
        using Refiner refiner = Keeping();
        Mask mask = await refiner.RefineAsync(new AsyncOnlyStream(Photo), new AsyncOnlyStream(HalfPng), Token);
        AsyncOnlyStream body = new();
        await mask.SaveAsync(body, cancellation: Token);
        Assert.Equal(mask.Pixels.ToArray(), Mask.Load(body.Content).Pixels.ToArray());
        Assert.Equal(mask.Pixels.ToArray(), (await Mask.LoadAsync(new AsyncOnlyStream(body.Content), cancellation: Token)).Pixels.ToArray());

        IReadOnlyList<Mask> masks = await refiner.RefineAsync(new AsyncOnlyStream(Photo), [new AsyncOnlyStream(HalfPng), HalfPng], Token);
        Assert.All(masks, each => Assert.Equal(mask.Pixels.ToArray(), each.Pixels.ToArray()));

        byte[] labelFile = PngFile.Make(new int[6, 8], 8, PngFile.VocPalette());
        LabelMap labels = await refiner.RefineAsync(new AsyncOnlyStream(Photo), await LabelMap.LoadAsync(new AsyncOnlyStream(labelFile), cancellation: Token), Token);
        AsyncOnlyStream labelBody = new();
        await labels.SaveAsync(labelBody, Token);
        Assert.Equal(labels.Labels.ToArray(), LabelMap.Load(labelBody.Content).Labels.ToArray());

        Assert.Throws<InvalidOperationException>(() => refiner.Refine(new AsyncOnlyStream(Photo), HalfPng));
        await Assert.ThrowsAsync<InvalidDataException>(() => refiner.RefineAsync(new AsyncOnlyStream([1, 2, 3]), HalfPng, Token));
        ArgumentException closed = await Assert.ThrowsAsync<ArgumentException>("image", () => refiner.RefineAsync(Closed(), HalfPng, Token));
        Assert.Contains("closed", closed.Message, StringComparison.Ordinal);

        static Stream Closed()
        {
            MemoryStream stream = new();
            stream.Dispose();
            return stream;
        }
    }

    [Fact]
    public void Encoded_files_in_memory()
    {
        using Refiner refiner = Keeping();
        Mask expected = refiner.Refine(new MemoryStream(Photo), new MemoryStream(HalfPng));
        byte[] padded = [9, 9, .. HalfPng, 9];
        Assert.Equal(expected.Pixels.ToArray(), refiner.Refine(Photo, HalfPng).Pixels.ToArray());
        Assert.Equal(expected.Pixels.ToArray(), refiner.Refine(Photo.AsMemory(), padded.AsMemory(2, HalfPng.Length)).Pixels.ToArray());
        Assert.Equal(expected.Pixels.ToArray(), refiner.Refine(ImageInput.From(Photo), MaskInput.From(HalfPng)).Pixels.ToArray());
        Assert.Contains("FromPixels", Assert.Throws<InvalidDataException>(() => refiner.Refine(new byte[192], HalfPng)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>("coarseMask", () => refiner.Refine(Photo, (byte[])null!));
    }

    [Theory]
    [InlineData("mask.png", "\x89PNG", 0)]
    [InlineData("MASK.WEBP", "RIFF", 0)]
    [InlineData("mask.jpg", "\xff\xd8", 0.03)]
    [InlineData("mask.jpeg", "\xff\xd8", 0.03)]
    public async Task Masks_are_saved_in_the_format_of_the_name(string name, string signature, double tolerance)
    {
        using TemporaryFolder folder = new();
        Mask mask = new(16, 16, [.. Enumerable.Range(0, 256).Select(i => (i % 16 * 16 + i / 16) / 255f)]);
        string path = folder.File(name), later = folder.File("later-" + name);
        mask.Save(path);
        await mask.SaveAsync(later, Token);
        byte[] file = await File.ReadAllBytesAsync(path, Token);
        Assert.Equal(signature.Select(c => (byte)c), file[..signature.Length]);
        Assert.Equal(file, await File.ReadAllBytesAsync(later, Token));
        Assert.All(mask.Pixels.ToArray().Zip(Mask.Load(path).Pixels.ToArray()), pair => Assert.Equal(pair.First, pair.Second, (float)tolerance + 1e-6f));
    }

    [Fact]
    public void Sixteen_bits_keep_more()
    {
        using TemporaryFolder folder = new();
        Mask mask = new(3, 1, [0.123456f, 0.5f, 1]);
        mask.Save(folder.File("mask.dat"), MaskFormat.Png16);
        Assert.All(mask.Pixels.ToArray().Zip(Mask.Load(folder.File("mask.dat")).Pixels.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        Assert.Throws<ArgumentOutOfRangeException>("format", () => mask.Save(new MemoryStream(), (MaskFormat)9));
    }

    [Fact]
    public async Task A_missing_folder_is_named_as_it_was_given()
    {
        using TemporaryFolder folder = new();
        string path = folder.File(Path.Combine("missing", "mask.png"));
        Mask mask = new(1, 1, [1]);
        LabelMap labels = LabelMap.FromPixels([1], 1, 1);
        Assert.Contains($"'{path}'", Assert.Throws<DirectoryNotFoundException>(() => mask.Save(path)).Message, StringComparison.Ordinal);
        Assert.Contains($"'{path}'", Assert.Throws<DirectoryNotFoundException>(() => labels.Save(path)).Message, StringComparison.Ordinal);
        Assert.Contains($"'{path}'", (await Assert.ThrowsAsync<DirectoryNotFoundException>(() => mask.SaveAsync(path, Token))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Void_is_a_choice()
    {
        byte[] file = PngFile.Make(new int[,] { { 255, 3, 7 } }, 8, PngFile.VocPalette());
        LabelMap labels = LabelMap.Load(file);
        Assert.Equal(255, labels.VoidLabel);
        Assert.Null(labels.WithVoidLabel(null).VoidLabel);
        Assert.Equal(labels.Labels.ToArray(), labels.WithVoidLabel(3).Labels.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>("label", () => labels.WithVoidLabel(-1));

        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithMethod(new FakeGuidance()).Build();
        byte[] photo = Pictures.ColourPng(3, 1);
        foreach (LabelMap map in new[] { labels, labels.WithVoidLabel(null), labels.WithVoidLabel(3) })
        {
            LabelMap refined = refiner.Refine(photo, map);
            Assert.Equal([255, 3, 7], refined.Labels.ToArray());
            Assert.Equal(map.VoidLabel, refined.VoidLabel);
        }
        int[] ids = [.. Enumerable.Range(0, 300)];
        LabelMap many = LabelMap.FromPixels(ids, 300, 1).WithVoidLabel(null);
        Assert.Equal(ids, refiner.Refine(Pictures.ColourPng(300, 1), many).Labels.ToArray());
    }
}
