using SkiaSharp;
using Spn.Torch;
using TorchSharp;
using Xunit;

namespace Spn.Tests.Refinement;

public sealed class RefinerTests
{
    private static readonly ImageInput s_photo = ImageInput.FromPixels(new byte[40 * 24 * 3], 40, 24, PixelFormat.Rgb24);

    [Fact]
    public void A_mask_of_the_images_size_passes_through_and_stays_soft()
    {
        using Refiner refiner = With(new FakeGuidance());
        float[] values = [.. Enumerable.Range(0, 40 * 24).Select(i => i / 960f)];
        Mask refined = refiner.Refine(s_photo, MaskInput.FromPixels(values, 40, 24));
        Assert.Equal((40, 24), (refined.Width, refined.Height));
        Assert.Equal(values, refined.Pixels.ToArray());
    }

    [Theory]
    [InlineData(5, 3)]
    [InlineData(6, 3)]
    [InlineData(5, 4)]
    [InlineData(10, 6)]
    [InlineData(1, 1)]
    public void A_smaller_mask_is_interpolated_between_pixel_centres(int width, int height)
    {
        using Refiner refiner = With(new FakeGuidance());
        Random random = new(3);
        float[] coarse = [.. Enumerable.Range(0, width * height).Select(_ => random.NextSingle())];

        Mask refined = refiner.Refine(s_photo, MaskInput.FromPixels(coarse, width, height));

        for (int y = 0; y < 24; y++)
        {
            for (int x = 0; x < 40; x++)
                Assert.Equal(Bilinear(coarse, width, height, (x + 0.5) * width / 40 - 0.5, (y + 0.5) * height / 24 - 0.5), refined[x, y], 1e-5f);
        }
    }

    [Fact]
    public void A_larger_mask_is_averaged()
    {
        using Refiner refiner = With(new FakeGuidance());
        bool[] checks = [.. Enumerable.Range(0, 80 * 48).Select(i => i % 2 == 0)];
        Mask refined = refiner.Refine(s_photo, MaskInput.FromPixels(checks, 80, 48));
        Assert.All(refined.Pixels.ToArray(), p => Assert.Equal(0.5f, p, 1e-6f));
    }

    [Theory]
    [InlineData(7, 3)]
    [InlineData(5, 5)]
    [InlineData(24, 40)]
    [InlineData(40, 22)]
    public void Other_proportions_are_refused_with_both_sizes(int width, int height)
    {
        using Refiner refiner = With(new FakeGuidance());
        ArgumentException refusal = Assert.Throws<ArgumentException>("coarseMask",
            () => refiner.Refine(s_photo, MaskInput.FromPixels(new byte[width * height], width, height)));
        Assert.Contains($"{width} x {height}", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("40 x 24", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Hard_output_is_the_soft_one_at_the_threshold()
    {
        FakeGuidance guidance = FakeGuidance.Blur();
        using SKBitmap photo = Pictures.Colours(40, 24);
        MaskInput coarse = MaskInput.FromPixels([.. Enumerable.Range(0, 960).Select(i => i % 40 > 20)], 40, 24);
        using Refiner soft = With(guidance), hard = SpnRefiner.Configure().OnCpu().WithMethod(guidance).WithHardOutput(0.25f).Build();
        Mask expected = soft.Refine(photo, coarse);
        Assert.Contains(expected.Pixels.ToArray(), p => p is > 0 and < 1);
        Assert.Equal(expected.Threshold(0.25f).Pixels.ToArray(), hard.Refine(photo, coarse).Pixels.ToArray());
        using torch.Tensor image = Seeded.Rand(1, [3, 8, 8]), mask = Seeded.Rand(2, [8, 8]);
        using torch.Tensor softTensor = soft.Refine(image, mask), hardTensor = hard.Refine(image, mask);
        Assert.Equal(TensorPixels.ToArray(softTensor).Select(p => p >= 0.25f ? 1f : 0f), TensorPixels.ToArray(hardTensor));
    }

    [Fact]
    public void Timings_cover_the_call()
    {
        using Refiner refiner = With(new FakeGuidance { WhileGuiding = () => Thread.Sleep(30) });
        System.Diagnostics.Stopwatch watch = System.Diagnostics.Stopwatch.StartNew();
        refiner.Refine(s_photo, Half(), out RefineReport report);
        RefineTimings timings = report.Timings;
        Assert.InRange(timings.Guidance, TimeSpan.FromMilliseconds(29), watch.Elapsed);
        Assert.InRange(timings.Total, timings.Guidance, watch.Elapsed);
        Assert.All([timings.Input, timings.Propagation, timings.Output], stage => Assert.True(stage > TimeSpan.Zero));
    }

    [Fact]
    public void A_sequence_is_refined_lazily_and_in_order()
    {
        FakeGuidance guidance = new();
        using Refiner refiner = With(guidance);
        IEnumerable<(ImageInput, MaskInput)> pairs = Enumerable.Range(0, int.MaxValue)
            .Select(i => (s_photo, MaskInput.FromPixels([.. Enumerable.Range(0, 960).Select(p => p < 480 ? byte.MaxValue : (byte)i)], 40, 24)));

        IEnumerable<Mask> masks = refiner.RefineMany(pairs, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(0, guidance.Guided);
        Assert.Equal([0, 1, 2, 3], masks.Take(4).Select(m => (int)m.ToBytes()[^7]));
        Assert.Equal(4, guidance.Guided);
        Assert.Throws<ArgumentNullException>(() => refiner.RefineMany(null!, cancellation: TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Async_gives_the_same_and_faults_the_task_for_bad_files()
    {
        using Refiner refiner = With(FakeGuidance.Blur());
        using SKBitmap photo = Pictures.Colours(40, 24);
        MaskInput coarse = MaskInput.FromPixels([.. Enumerable.Range(0, 960).Select(i => (byte)i)], 40, 24);
        Mask refined = await refiner.RefineAsync(photo, coarse, TestContext.Current.CancellationToken);
        Assert.Equal(refiner.Refine(photo, coarse).Pixels.ToArray(), refined.Pixels.ToArray());
        Task<Mask> missing = refiner.RefineAsync("missing.jpg", coarse, TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<FileNotFoundException>(() => missing);
    }

    [Fact]
    public async Task Cancelling_stops_before_the_next_stage()
    {
        using CancellationTokenSource source = new();
        FakeGuidance guidance = new() { WhileGuiding = source.Cancel };
        using Refiner refiner = With(guidance);
        MaskInput coarse = Half();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => refiner.RefineAsync(s_photo, coarse, source.Token));
        Assert.Equal((1, 0), (guidance.Guided, guidance.Propagated));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => refiner.RefineAsync(s_photo, coarse, source.Token));
        Assert.Equal(1, guidance.Guided);
        Assert.Equal(40, (await refiner.RefineAsync(s_photo, coarse, CancellationToken.None)).Width);
    }

    [Fact]
    public void A_disposed_refiner_says_so()
    {
        Refiner refiner = With(new FakeGuidance());
        refiner.Dispose();
        refiner.Dispose();
        Assert.Throws<ObjectDisposedException>(() => refiner.Refine(s_photo, Half()));
    }

    [Fact]
    public void The_builder_refuses_what_it_cannot_do()
    {
        RefinerBuilder builder = SpnRefiner.Configure();
        Assert.Throws<ArgumentNullException>("method", () => builder.WithMethod(null!));
        Assert.Throws<ArgumentOutOfRangeException>("threshold", () => builder.WithHardOutput(-0.1f));
        Assert.Throws<ArgumentOutOfRangeException>("pixels", () => builder.WithPixelLimit(0));
        Assert.Throws<ArgumentOutOfRangeException>("pixels", () => builder.WithPixelLimit(long.MaxValue));
        Assert.Equal(RefinerDevice.Cpu, builder.OnCpu().WithMethod(new FakeGuidance()).Build().Device);
        if (CudaSupport.IsUsable())
            Assert.Equal(RefinerDevice.Cuda, builder.WithModel(SpnModel.Fast).OnCuda().Build().Device);
        else
            Assert.Contains("TorchSharp-cuda", Assert.Throws<InvalidOperationException>(builder.OnCuda).Message, StringComparison.Ordinal);
    }

    /// <summary>40 x 24 with an object in the left half: a mask that must be refined.</summary>
    private static MaskInput Half() => MaskInput.FromPixels([.. Enumerable.Range(0, 960).Select(i => i % 40 < 20 ? 1f : 0f)], 40, 24);

    private static Refiner With(FakeGuidance guidance) => SpnRefiner.Configure().OnCpu().WithMethod(guidance).Build();

    private static float Bilinear(float[] map, int width, int height, double x, double y)
    {
        (x, y) = (Math.Clamp(x, 0, width - 1), Math.Clamp(y, 0, height - 1));
        int x0 = (int)x, y0 = (int)y, x1 = Math.Min(x0 + 1, width - 1), y1 = Math.Min(y0 + 1, height - 1);
        double fx = x - x0, fy = y - y0;
        return (float)((1 - fy) * ((1 - fx) * map[y0 * width + x0] + fx * map[y0 * width + x1])
            + fy * ((1 - fx) * map[y1 * width + x0] + fx * map[y1 * width + x1]));
    }
}
