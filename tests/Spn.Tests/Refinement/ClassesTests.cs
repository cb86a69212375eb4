using SkiaSharp;
using TorchSharp;
using Xunit;

namespace Spn.Tests.Refinement;

/// <summary>Label maps and class probabilities: all classes in one call, from one look at the image.</summary>
public sealed class ClassesTests
{
    private const int Width = 16, Height = 12;

    [Fact]
    public void Labels_go_in_together_and_come_out_as_labels_with_their_palette()
    {
        FakeGuidance guidance = FakeGuidance.Blur();
        using Refiner refiner = With(guidance);
        int[] values = Thirds(0, 15, 7);
        LabelMap coarse = new(Width, Height, values, PngFile.VocPalette());
        using SKBitmap photo = Pictures.Bitmap(Width, Height, (_, _) => SKColors.White);

        LabelMap refined = refiner.Refine(photo, coarse);

        Assert.Equal(values, refined.Labels.ToArray());
        Assert.Same(coarse.Palette, refined.Palette);
        Assert.Equal((1, 1), (guidance.Guided, guidance.Propagated));
        Assert.Equal([1, 3, Height, Width], guidance.LastMasks);
    }

    [Fact]
    public void Refining_decides_between_labels()
    {
        // Guidance that exchanges the first two of three maps: label 0 becomes 7, label 7 becomes 0, label 15 stays.
        using Refiner refiner = With(new FakeGuidance { Change = (_, masks) => masks.index_select(1, torch.tensor(new long[] { 1, 0, 2 })) });
        LabelMap refined = refiner.Refine(White, LabelMap.FromPixels(Thirds(0, 7, 15), Width, Height));
        Assert.Equal(Thirds(7, 0, 15), refined.Labels.ToArray());
    }

    [Fact]
    public void Void_stays_void_and_gives_nothing_to_others()
    {
        FakeGuidance guidance = new();
        using Refiner refiner = With(guidance);
        int[] values = Thirds(3, LabelMap.Void, 9);
        Assert.Equal(values, refiner.Refine(White, LabelMap.FromPixels(values, Width, Height)).Labels.ToArray());
        Assert.Equal([1, 2, Height, Width], guidance.LastMasks);

        int[] nothing = Thirds(LabelMap.Void, LabelMap.Void, LabelMap.Void);
        Assert.Equal(nothing, refiner.Refine(White, LabelMap.FromPixels(nothing, Width, Height)).Labels.ToArray());
        int[] all = Thirds(4, 4, 4);
        Assert.Equal(all, refiner.Refine(White, LabelMap.FromPixels(all, Width, Height)).Labels.ToArray());
    }

    [Fact]
    public void A_smaller_label_map_becomes_as_large_as_the_image()
    {
        using Refiner refiner = With(new FakeGuidance());
        LabelMap refined = refiner.Refine(White, LabelMap.FromPixels([5, 8, 5, 8, 5, LabelMap.Void], 3, 2));
        Assert.Equal((Width, Height), (refined.Width, refined.Height));
        Assert.Equal([5, 8, 255], new[] { refined[0, 0], refined[8, 0], refined[15, 11] });
        Assert.Equal([5, 8, 255], refined.Labels.ToArray().Distinct().Order());
    }

    [Fact]
    public void Class_probabilities_sum_to_one_again()
    {
        FakeGuidance guidance = FakeGuidance.Blur();
        using Refiner refiner = With(guidance);
        using SKBitmap photo = Pictures.Colours(Width, Height);
        ClassProbabilities coarse = RandomClasses(4);

        ClassProbabilities refined = refiner.Refine(photo, coarse);

        Assert.Equal((4, Width, Height), (refined.Classes, refined.Width, refined.Height));
        Assert.Equal((1, 1), (guidance.Guided, guidance.Propagated));
        Assert.Equal([1, 4, Height, Width], guidance.LastMasks);
        for (int i = 0; i < Width * Height; i++)
            Assert.Equal(1f, Enumerable.Range(0, 4).Sum(k => refined[k].Pixels[i]), 1e-5f);
        Assert.NotEqual(coarse.Pixels.ToArray(), refined.Pixels.ToArray());
    }

    [Fact]
    public void Classes_that_all_vanish_become_equal()
    {
        using Refiner refiner = With(new FakeGuidance { Change = (_, masks) => masks * 0 });
        Assert.All(refiner.Refine(White, RandomClasses(4)).Pixels.ToArray(), p => Assert.Equal(0.25f, p, 1e-6f));
    }

    [Fact]
    public void Class_tensors_sum_to_one_again()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Refiner refiner = With(FakeGuidance.Blur());
        torch.Tensor refined = refiner.RefineClasses(Seeded.Rand(1, [2, 3, Height, Width]), Seeded.Rand(2, [2, 4, Height, Width]));
        Assert.True(refined.sum(1).allclose(torch.ones(2, Height, Width)));
    }

    [Fact]
    public void The_likeliest_class_is_the_label()
    {
        ClassProbabilities classes = ClassProbabilities.FromPixels([0.5f, 0.1f, 0.5f, 0.2f, 0f, 0.7f], 3, 2, 1);
        Assert.Equal([0, 2], classes.ToLabelMap().Labels.ToArray());
        Assert.Equal([0.5f, 0.2f], classes[1].Pixels.ToArray());
        Assert.Throws<ArgumentException>("pixels", () => ClassProbabilities.FromPixels(new float[5], 3, 2, 1));
        Assert.Throws<ArgumentOutOfRangeException>("classes", () => ClassProbabilities.FromPixels(new float[5], 0, 2, 1));
    }

    [Fact]
    public void More_classes_than_memory_may_hold_are_refused()
    {
        using Refiner refiner = With(new FakeGuidance());
        ImageInput large = ImageInput.FromPixels(new byte[1_000_000], 1000, 1000, PixelFormat.Gray8);
        LabelMap many = LabelMap.FromPixels([.. Enumerable.Range(256, 501)], 501, 1);
        LabelMap manyLarge = LabelMap.FromPixels([.. Enumerable.Range(0, 1_000_000).Select(i => 256 + i % 501)], 1000, 1000);
        ImageInput row = ImageInput.FromPixels(new byte[501], 501, 1, PixelFormat.Gray8);
        foreach ((ImageInput image, LabelMap labels) in new[] { (large, manyLarge), (White, manyLarge) })
        {
            ArgumentException refusal = Assert.Throws<ArgumentException>("coarseLabels", () => refiner.Refine(image, labels));
            Assert.Contains("501 classes", refusal.Message, StringComparison.Ordinal);
        }
        Assert.Equal(many.Labels.ToArray(), refiner.Refine(row, many).Labels.ToArray());
    }

    private static ImageInput White => ImageInput.FromPixels([.. Enumerable.Repeat((byte)255, Width * Height)], Width, Height, PixelFormat.Gray8);

    private static Refiner With(FakeGuidance guidance) => SpnRefiner.Configure().OnCpu().WithMethod(guidance).Build();

    private static int[] Thirds(int first, int second, int third)
        => [.. Enumerable.Range(0, Width * Height).Select(i => i % Width < 5 ? first : i % Width < 11 ? second : third)];

    private static ClassProbabilities RandomClasses(int classes)
    {
        Random random = new(5);
        return ClassProbabilities.FromPixels([.. Enumerable.Range(0, classes * Width * Height).Select(_ => random.NextSingle())], classes, Width, Height);
    }
}
