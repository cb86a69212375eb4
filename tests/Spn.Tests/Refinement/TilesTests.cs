using SkiaSharp;
using Spn.Models;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Spn.Tests.Refinement;

/// <summary>Tiled and whole are the same, to less than a grey level of 255.</summary>
public sealed class TilesTests
{
    private const int Width = 1100, Height = 700;

    [Fact]
    public void What_looks_no_farther_than_its_margin_is_the_same()
    {
        TiledFake guidance = new();
        using Refiner whole = SpnRefiner.Configure().OnCpu().WithMethod(guidance).WithoutTiles().Build();
        using Refiner tiled = SpnRefiner.Configure().OnCpu().WithMethod(guidance).WithTiles(256).Build();
        using SKBitmap photo = Photo();
        MaskInput coarse = MaskInput.FromPixels([.. Enumerable.Range(0, Width * Height).Select(i => i * 37 % 256 / 255f)], Width, Height);

        Mask expected = whole.Refine(photo, coarse, out RefineReport wholeReport);
        Mask refined = tiled.Refine(photo, coarse, out RefineReport report);

        Assert.Equal((1, 4 * 3), (wholeReport.Tiles, report.Tiles));
        Assert.Equal(1 + report.Tiles, guidance.Guided);
        Assert.All(expected.Pixels.ToArray().Zip(refined.Pixels.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        Assert.Equal(wholeReport.MeanChange, report.MeanChange, 1e-6);
    }

    [Fact]
    public void Edge_guidance_has_no_seams()
    {
        // A reach of 8 pixels, so that its margin leaves room for several tiles.
        EdgeGuidance guidance = new() { Reach = 4.5 };
        using SKBitmap photo = Photo();
        AssertSeamless(guidance, photo, 4 * 3);
    }

    [Theory, InlineData(GuidanceKind.Compact), InlineData(GuidanceKind.Vgg16)]
    public void A_model_has_no_seams(GuidanceKind kind)
    {
        using var model = Seeded.Model(new SpnConfiguration { Guidance = kind, Channels = 4, Groups = 1 }, seed: 7);
        model.eval();
        // Raw gates about 2, which differ from pixel to pixel: three of them take 96 % from before, so a mask travels some 50 pixels a round.
        using (no_grad())
        {
            foreach ((string name, TorchSharp.Modules.Parameter parameter) in model.named_parameters())
            {
                if (name == "guidance.head.weight")
                    parameter.mul_(tensor(kind == GuidanceKind.Compact ? 20f : 2000f));
                else if (name == "guidance.head.bias")
                    parameter.copy_(full_like(parameter, 2f));
            }
        }
        using SKBitmap photo = Photo(2040, 192);
        AssertSeamless(model.ToModel(), photo, 3 * 1);
    }

    [Fact]
    public async Task Tiles_count_in_progress_and_cancelling_stops_between_them()
    {
        using CancellationTokenSource source = new();
        TiledFake guidance = new();
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithMethod(guidance).WithTiles(690).Build();
        using SKBitmap photo = Photo();
        List<double> fractions = [];
        Heard heard = new(progress =>
        {
            fractions.Add(progress.Fraction);
            if (fractions.Count == 4)
                source.Cancel();
        });
        MaskInput coarse = MaskInput.FromPixels([1f, .. new float[Width * Height - 1]], Width, Height);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => refiner.RefineAsync(photo, coarse, heard, source.Token));
        Assert.Equal([0.1, 0.2, 0.3, 0.4], fractions.Select(fraction => Math.Round(fraction, 6))); // two rows of two tiles: 10 steps
        Assert.Equal(2, guidance.Guided);
    }

    [Fact]
    public void Masks_and_classes_of_several_images_are_tiled_too()
    {
        using DisposeScope scope = NewDisposeScope();
        TiledFake guidance = new();
        using Refiner whole = SpnRefiner.Configure().OnCpu().WithMethod(guidance).WithoutTiles().Build();
        using Refiner tiled = SpnRefiner.Configure().OnCpu().WithMethod(guidance).WithTiles(256).Build();
        Tensor images = Seeded.Rand(1, [2, 3, 300, 400]), classes = Seeded.Rand(2, [2, 3, 75, 100]);
        Assert.True(whole.Refine(images, classes).allclose(tiled.Refine(images, classes), 0, 1e-5));
        Tensor shares = tiled.RefineClasses(images, classes);
        Assert.True(shares.sum(dim: 1).allclose(ones(2, 300, 400)));
        Assert.True(whole.RefineClasses(images, classes).allclose(shares, 0, 1e-4));
    }

    [Fact]
    public void A_constant_mask_stays_in_its_range()
    {
        using Refiner tiled = SpnRefiner.Configure().OnCpu().WithMethod(new TiledFake { Change = static (_, masks) => ones_like(masks) }).WithTiles(256).Build();
        using SKBitmap photo = Photo();
        Mask refined = tiled.Refine(photo, MaskInput.FromPixels([1f, .. new float[Width * Height - 1]], Width, Height));
        Assert.All(refined.Pixels.ToArray(), value => Assert.InRange(value, 1 - 1e-6f, 1));
        Assert.Equal(refined.Pixels.ToArray(), Mask.Load(refined).Pixels.ToArray());
    }

    [Fact]
    public void Tiles_come_by_themselves_where_they_pay()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor image = Seeded.Rand(3, [3, 700, 2500]), mask = Seeded.Rand(4, [700, 2500]);
        using var model = Seeded.Model(new SpnConfiguration { Channels = 4, Groups = 1 });
        model.eval();
        Assert.Equal(3, Tiles(SpnRefiner.Configure().WithMethod(model.ToModel())));
        Assert.Equal(1, Tiles(SpnRefiner.Configure().WithMethod(model.ToModel()).WithoutTiles()));
        Assert.Equal(3, Tiles(SpnRefiner.Configure()));
        Assert.Equal(1, Tiles(SpnRefiner.Configure().WithMethod(new EdgeGuidance()))); // its margin grows with the image
        Assert.Equal(3, Tiles(SpnRefiner.Configure().WithMethod(new EdgeGuidance()).WithTiles()));
        Assert.Equal(1, Tiles(SpnRefiner.Configure().WithMethod(new FakeGuidance())));

        int Tiles(RefinerBuilder builder)
        {
            using Refiner refiner = builder.OnCpu().Build();
            refiner.Refine((ImageInput)image, (MaskInput)mask, out RefineReport report);
            return report.Tiles;
        }
    }

    [Fact]
    public void What_cannot_be_tiled_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("side", () => SpnRefiner.Configure().WithTiles(255));
        InvalidOperationException refusal = Assert.Throws<InvalidOperationException>(() => SpnRefiner.Configure().WithMethod(new FakeGuidance()).WithTiles().Build());
        Assert.Contains(nameof(FakeGuidance), refusal.Message, StringComparison.Ordinal);
    }

    private static void AssertSeamless(IRefinementMethod guidance, SKBitmap photo, int tiles)
        => AssertSeamless(
            SpnRefiner.Configure().WithMethod(guidance),
            photo,
            MaskInput.FromPixels(
                [.. Enumerable.Range(0, photo.Width * photo.Height).Select(i => Inside(i % photo.Width + 9, i / photo.Width - 6))], photo.Width, photo.Height),
            tiles);

    private static void AssertSeamless(RefinerBuilder builder, SKBitmap photo, MaskInput coarse, int tiles)
    {
        using Refiner whole = builder.OnCpu().WithoutTiles().Build();
        using Refiner tiled = builder.WithTiles(256).Build();
        float[] expected = whole.Refine(photo, coarse, out RefineReport change).Pixels.ToArray();
        float[] refined = tiled.Refine(photo, coarse, out RefineReport report).Pixels.ToArray();
        Assert.Equal(tiles, report.Tiles);
        Assert.True(change.MeanChange > 1e-3, $"the mask must travel; mean change {change.MeanChange}");
        float largest = expected.Zip(refined, (a, b) => Math.Abs(a - b)).Max();
        TestContext.Current.TestOutputHelper?.WriteLine($"{255 * largest} of 255");
        Assert.True(largest < 1 / 255f, $"{255 * largest} of 255");
    }

    private static SKBitmap Photo(int width = Width, int height = Height) => Pictures.Bitmap(width, height, (x, y) =>
    {
        int noise = (x * 7919 + y * 104729) % 13;
        return Inside(x, y) ? new SKColor((byte)(150 + noise), (byte)(40 + x % 32), 20) : new SKColor(60, (byte)(110 + y % 24 + noise), 150);
    });

    private static bool Inside(int x, int y) => Math.Sin(x / 40.0) + Math.Cos(y / 55.0) + Math.Sin((x + y) / 90.0) > 0.4;

    /// <summary>A blur of radius 30 by the image's grey, which is what its parts see.</summary>
    private sealed class TiledFake : TensorMethod, ITiledMethod
    {
        private readonly FakeGuidance _inner = new()
        {
            Change = (grey, masks) =>
            {
                using Tensor weighted = masks * grey;
                using Tensor rows = nn.functional.avg_pool2d(weighted, (1, 61), (1, 1), (0, 30)); // a box is separable
                return nn.functional.avg_pool2d(rows, (61, 1), (1, 1), (30, 0));
            },
        };

        private int _guided;

        public int Guided => _guided;

        public Func<Tensor, Tensor, Tensor>? Change { get; init; }

        public override Tensor Guide(Tensor image)
        {
            Interlocked.Increment(ref _guided);
            return _inner.Guide(image);
        }

        public override Tensor Propagate(Tensor guidance, Tensor masks) => Change?.Invoke(guidance, masks) ?? _inner.Propagate(guidance, masks);

        public IRefinementMethod ForTilesOf(ReadOnlySpan<float> image, int width, int height) => this;

        public int Margin(int width, int height) => 64; // what counts begins seven eighths of it inside a tile
    }
}
