using SkiaSharp;
using Xunit;

namespace Spn.SystemTests.LargeImages;

/// <summary>The built-in models on a photo of two tiles. Their gates carry a mask farther than any margin that pays, so whole and tiled may differ slightly.</summary>
public sealed class BuiltInModelSeamTests(ITestOutputHelper output)
{
    private const float Tolerance = 9 / 255f;

    /// <summary>Tiles beside each other, and on the turned photo one above the other.</summary>
    [Theory, InlineData("Fast", false), InlineData("Fast", true), InlineData("Quality", false), InlineData("Quality", true)]
    public void A_photo_has_no_seams(string name, bool turned)
    {
        string folder = Path.Combine(Repository.Root(), "samples", "Quickstart", "Photo");
        using SKBitmap small = SKBitmap.Decode(Path.Combine(folder, "flamingo.jpg")), coarse = SKBitmap.Decode(Path.Combine(folder, "flamingo-coarse.png"));
        using SKBitmap large = small.Resize(new SKImageInfo(2000, 1124), new SKSamplingOptions(SKCubicResampler.Mitchell));
        using SKBitmap photo = turned ? Turned(large) : large.Copy(), mask = turned ? Turned(coarse) : coarse.Copy();
        SpnModel model = name == SpnModel.Quality.Name ? SpnModel.Quality : SpnModel.Fast;
        using Refiner whole = SpnRefiner.Configure().OnCpu().WithModel(model).WithoutTiles().Build();
        using Refiner tiled = SpnRefiner.Configure().OnCpu().WithModel(model).WithTiles(256).Build();

        float[] expected = whole.Refine(photo, mask, out RefineReport change).Pixels.ToArray();
        float[] refined = tiled.Refine(photo, mask, out RefineReport report).Pixels.ToArray();

        Assert.Equal(2, report.Tiles);
        Assert.True(change.MeanChange > 1e-3, $"The mask must change; its mean change is {change.MeanChange}.");
        float largest = expected.Zip(refined, (a, b) => Math.Abs(a - b)).Max();
        output.WriteLine($"{255 * largest} of 255");
        Assert.True(largest < Tolerance, $"{255 * largest} of 255");
    }

    private static SKBitmap Turned(SKBitmap bitmap)
    {
        var turned = new SKBitmap(bitmap.Height, bitmap.Width);
        using var canvas = new SKCanvas(turned);
        canvas.SetMatrix(new SKMatrix(0, -1, bitmap.Height, 1, 0, 0, 0, 0, 1));
        canvas.DrawBitmap(bitmap, 0, 0);
        return turned;
    }
}
