using SkiaSharp;
using Spn.Imaging;
using Spn.Metrics;
using Spn.Refinement;
using Spn.Torch;
using TorchSharp;
using Xunit;

namespace Spn.Tests.Refinement;

/// <summary>Large images are looked at in a smaller copy first: errors that grew with the image are put right, and what is right or fine stays.</summary>
public sealed class CoarsePassTests(ITestOutputHelper output)
{
    private const int Width = 854, Height = 480, Enlarged = 3;

    private static readonly string s_folder = Path.Combine(Repository.Root(), "samples", "Quickstart", "Photo");

    [Fact]
    public void A_mask_enlarged_with_its_photo_is_refined_like_the_small_one()
    {
        using SKBitmap small = SKBitmap.Decode(Path.Combine(s_folder, "flamingo.jpg"));
        Mask coarse = Mask.Load(Path.Combine(s_folder, "flamingo-coarse.png"));
        using SKBitmap large = Enlarge(small);
        using Refiner twice = SpnRefiner.Configure().OnCpu().Build(), once = SpnRefiner.Configure().OnCpu().WithoutCoarsePass().Build();
        BinaryMask expected = Binary(twice.Refine(small, coarse).Pixels, Enlarged);
        MaskInput given = MaskInput.FromPixels(coarse.Pixels, Width, Height);
        double withCopy = MaskMetrics.IoU(Binary(twice.Refine(large, given).Pixels, 1), expected), without = MaskMetrics.IoU(Binary(once.Refine(large, given).Pixels, 1), expected);

        output.WriteLine($"IoU with the small one's result: {withCopy:F3} with the copy, {without:F3} without");
        Assert.InRange(withCopy, 0.93, 1);
        Assert.True(withCopy > without + 0.01, $"{withCopy} with the copy, {without} without");
    }

    [Fact]
    public void A_right_mask_and_its_detail_stay()
    {
        using SKBitmap small = SKBitmap.Decode(Path.Combine(s_folder, "flamingo.jpg"));
        using SKBitmap large = Enlarge(small);
        using Refiner twice = SpnRefiner.Configure().OnCpu().Build(), once = SpnRefiner.Configure().OnCpu().WithoutCoarsePass().Build();
        float[] lines = [.. Enumerable.Range(0, Enlarged * Enlarged * Width * Height).Select(i => i % (Enlarged * Width) % 16 < 2 ? 1f : 0f)];
        MaskInput detail = MaskInput.FromPixels(lines.AsMemory(), Enlarged * Width, Enlarged * Height);
        ReadOnlySpan<float> direct = once.Refine(large, detail).Pixels, led = twice.Refine(large, detail).Pixels;
        double difference = 0;
        for (int i = 0; i < direct.Length; i++)
            difference += Math.Abs(direct[i] - led[i]);
        Assert.InRange(difference / direct.Length, 0, 0.01); // lines that are an eighth of the mask, and none is lost
    }

    [Fact]
    public void Small_images_and_other_guidance_are_looked_at_once()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        Same(SpnRefiner.Configure().OnCpu(), 600, 600);
        Same(SpnRefiner.Configure().OnCpu().WithMethod(new EdgeGuidance { Rounds = 1 }), 1000, 1000);

        static void Same(RefinerBuilder builder, int height, int width)
        {
            torch.Tensor image = Seeded.Rand(1, [3, height, width]), mask = Seeded.Rand(2, [1, 40, 40]);
            using Refiner twice = builder.Build(), once = builder.WithoutCoarsePass().Build();
            Assert.True(twice.Refine(image, mask).allclose(once.Refine(image, mask), 0, 0));
        }
    }

    [Fact]
    public void Many_masks_of_many_images_keep_their_places()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Refiner refiner = SpnRefiner.Configure().OnCpu().Build();
        torch.Tensor images = Seeded.Rand(3, [2, 3, 800, 1100]), masks = Seeded.Rand(4, [2, 2, 20, 28]);
        torch.Tensor together = refiner.Refine(images, masks);
        for (int n = 0; n < 2; n++)
            for (int k = 0; k < 2; k++)
                Assert.InRange(together[n, k].sub(refiner.Refine(images[n], masks[n, k])).abs().max().item<float>(), 0, 1e-4f);
    }

    [Theory]
    [InlineData("Fast")]
    [InlineData("Quality")]
    public void Skipped_parts_are_those_that_all_tiles_would_leave(string name)
    {
        using SKBitmap small = SKBitmap.Decode(Path.Combine(s_folder, "flamingo.jpg")), photo = Enlarge(small);
        Mask coarse = Mask.Load(Path.Combine(s_folder, "flamingo-coarse.png"));
        (int width, int height) = (2 * photo.Width, photo.Height); // beside the photo is a gradient
        Random noise = new(7);
        using Planes image = new(3, height, width), masks = new(1, height, width), all = new(1, height, width), sparse = new(1, height, width);
        float[] pixels = ImageInput.From(photo).ToPixels(out _, out _);
        for (int row = 0; row < 3 * height; row++)
        {
            Span<float> target = image.All.Slice(row * width, width);
            pixels.AsSpan(row * photo.Width, photo.Width).CopyTo(target);
            for (int x = photo.Width; x < width; x++)
                target[x] = 0.3f + 0.4f * x / width + 0.02f * noise.NextSingle();
        }
        masks.All.Clear();
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < photo.Width; x++)
                masks.Row(0, y)[x] = coarse.Pixels[y / Enlarged * (photo.Width / Enlarged) + x / Enlarged];
        }

        SpnModel model = name == SpnModel.Quality.Name ? SpnModel.Quality : SpnModel.Fast;
        CoarsePass pass = new(model, 420_000, threads: 2);
        using Planes corrected = pass.Correct(image, masks, MapKind.Masks, new Stages())!.Value.Masks;
        new TiledPipeline(model, null, null).Run(image, corrected, MapKind.Masks, all, new Stages());
        Stages stages = new();
        new TiledPipeline(model, null, pass).Run(image, masks, MapKind.Masks, sparse, stages);
        float largest = 0, skipped = 0, sum = 0;
        for (int i = 0; i < image.Pixels; i++)
        {
            float difference = Math.Abs(all.All[i] - sparse.All[i]);
            (largest, sum) = (Math.Max(largest, difference), sum + difference);
            if (sparse.All[i] == corrected.All[i])
                skipped = Math.Max(skipped, difference);
        }
        output.WriteLine($"{stages.Tiles} tiles, {stages.SkippedTiles} skipped, largest difference {255 * largest:F2} of 255, {255 * skipped:F2} in skipped parts, mean {255 * sum / image.Pixels:F4}");
        Assert.True(stages.SkippedTiles > 0);
        Assert.InRange(255 * skipped, 0, 1);
        Assert.InRange(255 * largest, 0, 14); // tiles lie elsewhere, so a few single pixels differ as at seams
        Assert.InRange(255 * sum / image.Pixels, 0, 0.05);
    }

    /// <summary>The same in libtorch's operations, for a copy of a third of the size, where both average over areas alike.</summary>
    [Fact]
    public void The_correction_is_the_reference()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        const int height = 90, width = 120;
        torch.Tensor image = Seeded.Rand(5, [1, 3, height, width]), masks = Seeded.Rand(6, [1, 2, height / 9, width / 10]);
        masks = Resize(masks, height, width, torch.InterpolationMode.Bilinear).round();
        masks[0, 0, 20..22] = 1f; // a line of two pixels
        FakeGuidance method = FakeGuidance.Blur();
        torch.Tensor copy = Resize(image, height / 3, width / 3, torch.InterpolationMode.Area), coarse = Resize(masks, height / 3, width / 3, torch.InterpolationMode.Area);
        torch.Tensor change = method.Change(copy.mean([1], keepdim: true), coarse) - coarse, large = change - change.clamp(-0.1f, 0.1f);
        torch.Tensor lost = (Resize(coarse, height, width, torch.InterpolationMode.Bilinear) - masks).abs();
        torch.Tensor doubt = (Resize(lost, height / 3, width / 3, torch.InterpolationMode.Area) / 0.1f).clamp(0f, 1f), certain = large * (1 - doubt);
        torch.Tensor total = certain + doubt * (Around(certain) - Around(-certain));
        torch.Tensor expected = (masks + Resize(total, height, width, torch.InterpolationMode.Bilinear)).clamp(0f, 1f);

        using Planes pixels = Of(image), given = Of(masks);
        using Planes corrected = new CoarsePass(method, height * width / 9, threads: 2).Correct(pixels, given, MapKind.Masks, new Stages())!.Value.Masks;
        float[] wanted = TensorPixels.ToArray(expected), found = corrected.All.ToArray();
        Assert.NotEqual(TensorPixels.ToArray(masks), wanted);
        Assert.InRange(wanted.Zip(found, (a, b) => Math.Abs(a - b)).Max(), 0, 1e-5f);

        static torch.Tensor Resize(torch.Tensor maps, long height, long width, torch.InterpolationMode mode)
            => torch.nn.functional.interpolate(maps, [height, width], mode: mode, align_corners: mode == torch.InterpolationMode.Bilinear ? false : null);

        static torch.Tensor Around(torch.Tensor maps) => torch.nn.functional.max_pool2d(maps.relu(), [3, 3], strides: [1, 1], padding: [1, 1]);

        static Planes Of(torch.Tensor maps)
        {
            Planes planes = new((int)maps.shape[1], (int)maps.shape[2], (int)maps.shape[3]);
            TensorPixels.CopyTo(maps, planes.All);
            return planes;
        }
    }

    private static SKBitmap Enlarge(SKBitmap photo)
        => photo.Resize(new SKImageInfo(Enlarged * Width, Enlarged * Height), new SKSamplingOptions(SKCubicResampler.Mitchell));

    /// <summary>Every pixel as a square of so many.</summary>
    private static BinaryMask Binary(ReadOnlySpan<float> pixels, int times)
    {
        int width = Enlarged * Width, height = Enlarged * Height;
        float[] enlarged = new float[width * height];
        for (int i = 0; i < enlarged.Length; i++)
            enlarged[i] = pixels[i / width / times * (width / times) + i % width / times];
        return BinaryMask.From(enlarged, width, height);
    }
}
