using System.Drawing;
using SkiaSharp;
using Xunit;

namespace Spn.Tests.CutOuts;

/// <summary>Cut-outs from end to end: by a refiner and by a mask.</summary>
public sealed class CutOutTests
{
    private const int Width = 80, Height = 60;

    private static readonly byte[] s_photo = Pictures.Png(
        Width, Height, (x, y) => IsInside(x, y) ? new SKColor(220, 60, 30) : new SKColor(20, 160, 60));

    [Fact]
    public async Task A_refiner_cuts_out_what_it_refines()
    {
        MaskInput coarse = MaskInput.FromPixels(
            [.. Enumerable.Range(0, 20 * 15).Select(i => IsInside(i % 20 * 4 + 2, i / 20 * 4 + 2) ? 1f : 0f)], 20, 15);
        using Refiner refiner = SpnRefiner.Configure().OnCpu().Build();
        RgbaImage cutOut = refiner.CutOut(s_photo, coarse);
        Mask refined = refiner.Refine(s_photo, coarse).Levels(0.03f, 0.97f);

        Assert.Equal((Width, Height), (cutOut.Width, cutOut.Height));
        Assert.Equal(refined.CutOut(s_photo).Pixels, cutOut.Pixels);
        Assert.Equal(refined.ToBytes(), Alpha(cutOut));
        Assert.Equal(SpnRefiner.CutOut(s_photo, coarse).Pixels, cutOut.Pixels);
        using MemoryStream stream = new(s_photo);
        RgbaImage later = await refiner.CutOutAsync(stream, coarse, TestContext.Current.CancellationToken);
        Assert.Equal(cutOut.Pixels, later.Pixels);
        Assert.Equal(new SKColor(220, 60, 30, 255), cutOut[Width / 2, Height / 2]);
        Assert.Equal(0, cutOut[0, 0].Alpha);
    }

    [Fact]
    public void Hard_output_gives_a_hard_cut_out()
    {
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithHardOutput().Build();
        Assert.All(Alpha(refiner.CutOut(s_photo, Soft())), alpha => Assert.True(alpha is 0 or 255));
    }

    [Fact]
    public async Task A_mask_cuts_out_without_refining()
    {
        RgbaImage cutOut = Soft().CutOut(s_photo);
        Assert.Equal(Soft().ToBytes(), Alpha(cutOut));
        using MemoryStream stream = new(s_photo);
        RgbaImage later = await Soft().CutOutAsync(stream, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(cutOut.Pixels, later.Pixels);
        Assert.Equal(cutOut.Pixels, Soft().Resize(Width, Height).CutOut(s_photo).Pixels);
        Assert.Equal((Width, Height), (Soft().Resize(Width / 2, Height / 2).CutOut(s_photo).Width, cutOut.Height));
    }

    [Fact]
    public void The_alpha_of_the_image_multiplies_the_mask()
    {
        SKColor Colour(int x, int y) => new(220, 60, 30, (byte)(x < Width / 2 ? 255 : 102));
        byte[] png = Pictures.Png(Width, Height, Colour, SKAlphaType.Unpremul);
        using SKBitmap bitmap = SKBitmap.Decode(png);
        Mask full = Mask.Load(MaskInput.FromPixels(Enumerable.Repeat(1f, Width * Height).ToArray().AsMemory(), Width, Height));
        foreach (RgbaImage cutOut in new[] { full.CutOut(png), full.CutOut(bitmap) })
        {
            Assert.Equal(new SKColor(220, 60, 30, 255), cutOut[10, 10]);
            Assert.Equal(102, cutOut[Width - 10, 10].Alpha);
            // The image counts as over white, so its own colour comes back where white does not stay.
            Assert.InRange(cutOut[Width - 10, 10].Red, 215, 225);
            Assert.InRange(cutOut[Width - 10, 10].Green, 55, 75);
        }
    }

    [Fact]
    public void An_image_is_cut_out_upright()
    {
        using SKBitmap stored = Pictures.Bitmap(Width, Height, (x, _) => x < 40 ? SKColors.Red : SKColors.Blue);
        byte[] jpeg = Pictures.WithOrientation(Pictures.Encode(stored, SKEncodedImageFormat.Jpeg, 100), 6);
        Mask mask = Mask.Load(MaskInput.FromPixels(Enumerable.Repeat(1f, Width * Height).ToArray().AsMemory(), Height, Width));
        RgbaImage cutOut = mask.CutOut(jpeg);
        Assert.Equal((Height, Width), (cutOut.Width, cutOut.Height));
        Assert.InRange(cutOut[5, 5].Red, 240, 255);
        Assert.InRange(cutOut[5, Width - 5].Blue, 240, 255);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        using Refiner refiner = SpnRefiner.Configure().OnCpu().Build();
        Assert.Throws<ArgumentNullException>("image", () => Soft().CutOut(null!));
        Assert.Throws<ArgumentNullException>("coarseMask", () => refiner.CutOut(s_photo, null!));
        Assert.Throws<ArgumentOutOfRangeException>("pixelLimit", () => Soft().CutOut(s_photo, 0));
        Assert.Throws<InvalidDataException>(() => Soft().CutOut(s_photo, 100));
        Assert.Throws<InvalidDataException>(() => Soft().CutOut(new byte[] { 1, 2, 3 }));
        ArgumentException refused = Assert.Throws<ArgumentException>(() => Soft().Resize(80, 20).CutOut(s_photo));
        Assert.Contains("proportions", refused.Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => Soft().CutOut("nowhere.png"));
    }

    [Fact]
    public async Task A_cancelled_call_stops_and_leaves_the_refiner_usable()
    {
        using Refiner refiner = SpnRefiner.Configure().OnCpu().Build();
        CancellationToken cancelled = new(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => refiner.CutOutAsync(s_photo, Soft(), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soft().CutOutAsync(s_photo, cancellation: cancelled));
        Assert.Equal(Width, refiner.CutOut(s_photo, Soft()).Width);
    }

    [Fact]
    public void A_trimap_leaves_a_band_around_what_is_uncertain_open()
    {
        float[] row = [0, 0, 0, 0, 0.02f, 0.5f, 1, 1, 1, 1, 0.97f];
        Mask mask = Mask.Load(MaskInput.FromPixels(row.AsMemory(), row.Length, 1));
        Assert.Equal([0, 0, 0, 0, 0, 0.5f, 1, 1, 1, 1, 1], mask.ToTrimap(radius: 0).Pixels);
        Assert.Equal([0, 0, 0, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 1, 1, 1], mask.ToTrimap(radius: 2).Pixels);
        Assert.Equal([0, 0, 0, 0, 0.5f, 0.5f, 1, 1, 1, 1, 0.5f], mask.ToTrimap(radius: 0, margin: 0.01f).Pixels);
        Mask hard = Mask.Load(MaskInput.FromPixels(new[] { 0f, 0, 1, 1 }.AsMemory(), 4, 1));
        Assert.Equal([0, 0.5f, 0.5f, 1], hard.ToTrimap(radius: 1).Pixels);
        Assert.All(mask.Threshold(0).ToTrimap().Pixels.ToArray(), value => Assert.Equal(1, value));
        Assert.Equal((byte)128, mask.ToTrimap(radius: 0).ToBytes()[5]);
        Assert.Throws<ArgumentOutOfRangeException>("radius", () => mask.ToTrimap(-1));
        Assert.Throws<ArgumentOutOfRangeException>("radius", () => mask.ToTrimap(65535));
        Assert.Throws<ArgumentOutOfRangeException>("margin", () => mask.ToTrimap(1, float.NaN));
        Assert.Throws<ArgumentOutOfRangeException>("margin", () => mask.ToTrimap(1, 0.5f));
    }

    private static bool IsInside(int x, int y) => (x - 40) * (x - 40) + (y - 30) * (y - 30) < 20 * 20;

    private static Mask Soft() => Mask.Load(MaskInput.FromPixels([.. Enumerable.Range(0, Width * Height).Select(i =>
        (float)Math.Clamp(0.5 + (20 - Math.Sqrt(Math.Pow(i % Width - 40, 2) + Math.Pow(i / Width - 30, 2))) / 4, 0, 1))], Width, Height));

    private static byte[] Alpha(RgbaImage picture)
        => [.. Enumerable.Range(0, picture.Width * picture.Height).Select(i => picture.Pixels[4 * i + 3])];
}
