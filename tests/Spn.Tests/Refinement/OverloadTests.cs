using Spn.Torch;
using TorchSharp;
using Xunit;

namespace Spn.Tests.Refinement;

/// <summary>What one kind of input has, all have: reports, asynchronous calls, progress and cancellation.</summary>
public sealed class OverloadTests
{
    private const int Width = 24, Height = 16;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static byte[] Photo => Pictures.ColourPng(Width, Height);

    private static MaskInput Left(int columns) => Pictures.GreyPng(Width, Height, (x, _) => (byte)(x < columns ? 255 : 0));

    private static LabelMap Labels => LabelMap.FromPixels([.. Enumerable.Range(0, Width * Height).Select(i => (byte)(i % Width / 8))], Width, Height);

    private static ClassProbabilities Classes
        => ClassProbabilities.FromPixels([.. Enumerable.Range(0, 2 * Width * Height).Select(i => i % Width < 8 == i < Width * Height ? 0.8f : 0.2f)], 2, Width, Height);

    private static Refiner Blurring() => SpnRefiner.Configure().OnCpu().WithMethod(FakeGuidance.Blur()).Build();

    [Fact]
    public void Several_masks_are_each_refined_as_if_alone_from_one_look_at_the_image()
    {
        FakeGuidance guidance = FakeGuidance.Blur();
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithMethod(guidance).Build();
        MaskInput small = MaskInput.FromPixels([1, 0, 0, 0, 0, 1], 3, 2);
        IReadOnlyList<Mask> masks = refiner.Refine(Photo, [Left(7), Left(20), small]);
        Assert.Equal((1, 1), (guidance.Guided, guidance.Propagated));
        Assert.Equal(refiner.Refine(Photo, Left(7)).Pixels.ToArray(), masks[0].Pixels.ToArray());
        Assert.Equal(refiner.Refine(Photo, Left(20)).Pixels.ToArray(), masks[1].Pixels.ToArray());
        Assert.Equal(refiner.Refine(Photo, small).Pixels.ToArray(), masks[2].Pixels.ToArray());
        Assert.Empty(refiner.Refine(Photo, Array.Empty<MaskInput>()));
    }

    [Fact]
    public void A_mask_that_does_not_fit_is_named_by_its_place()
    {
        using Refiner refiner = Blurring();
        Assert.Throws<ArgumentException>("coarseMasks[1]", () => refiner.Refine(Photo, [Left(7), MaskInput.FromPixels(new float[36], 4, 9)]));
        Assert.Throws<ArgumentNullException>("coarseMasks[1]", () => refiner.Refine(Photo, [Left(7), null!]));
        Assert.Throws<ArgumentNullException>("coarseMasks", () => refiner.Refine(Photo, (IReadOnlyList<MaskInput>)null!));
    }

    [Fact]
    public async Task Asynchronous_calls_give_the_same_with_progress_and_report()
    {
        using Refiner refiner = Blurring();
        List<double> fractions = [];
        Heard heard = new(progress => fractions.Add(progress.Fraction));

        Refined<LabelMap> labels = await refiner.RefineWithReportAsync(Photo, Labels, heard, Token);
        Assert.Equal(refiner.Refine(Photo, Labels, out RefineReport labelReport).Labels.ToArray(), labels.Result.Labels.ToArray());
        Same(labelReport, labels.Report);
        Assert.Equal(labels.Result.Labels.ToArray(), (await refiner.RefineAsync(Photo, Labels, Token)).Labels.ToArray());

        Refined<ClassProbabilities> classes = await refiner.RefineWithReportAsync(Photo, Classes, heard, Token);
        Assert.Equal(refiner.Refine(Photo, Classes, out RefineReport classReport).Pixels.ToArray(), classes.Result.Pixels.ToArray());
        Same(classReport, classes.Report);
        Assert.Equal(classes.Result.Pixels.ToArray(), (await refiner.RefineAsync(Photo, Classes, Token)).Pixels.ToArray());

        Refined<IReadOnlyList<Mask>> masks = await refiner.RefineWithReportAsync(Photo, [Left(7), Left(20)], heard, Token);
        Assert.Equal(refiner.Refine(Photo, [Left(7), Left(20)], out RefineReport maskReport)[1].Pixels.ToArray(), masks.Result[1].Pixels.ToArray());
        Same(maskReport, masks.Report);

        Refined<Mask> mask = await refiner.RefineWithReportAsync(Photo, Left(7), heard, Token);
        Assert.Equal(masks.Result[0].Pixels.ToArray(), mask.Result.Pixels.ToArray());
        Assert.Equal([0.25, 0.5, 0.75, 1, 0.25, 0.5, 0.75, 1, 0.25, 0.5, 0.75, 1, 0.25, 0.5, 0.75, 1], fractions);

        static void Same(RefineReport expected, RefineReport actual)
        {
            Assert.True(expected.MeanChange > 0);
            Assert.True(actual.Timings.Total > TimeSpan.Zero);
            Assert.Equal(expected with { Timings = default }, actual with { Timings = default });
        }
    }

    [Fact]
    public async Task Every_kind_can_be_cancelled()
    {
        using CancellationTokenSource source = new();
        FakeGuidance guidance = new() { WhileGuiding = source.Cancel };
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithMethod(guidance).Build();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => refiner.RefineAsync(Photo, Labels, source.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => refiner.RefineAsync(Photo, Classes, source.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => refiner.RefineAsync(Photo, [Left(7)], source.Token));
        Assert.Equal((1, 0), (guidance.Guided, guidance.Propagated));
    }

    [Fact]
    public void A_sequence_can_be_cancelled()
    {
        using CancellationTokenSource source = new();
        using Refiner refiner = Blurring();
        int seen = 0;
        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            foreach (Mask _ in refiner.RefineMany(Enumerable.Repeat(((ImageInput)Photo, Left(7)), 10), cancellation: source.Token))
            {
                if (++seen == 2)
                    source.Cancel();
            }
        });
        Assert.Equal(2, seen);
    }

    [Fact]
    public async Task An_asynchronous_sequence_is_lazy_in_order_and_can_be_cancelled()
    {
        using CancellationTokenSource source = new();
        using Refiner refiner = Blurring();
        List<int> images = [], read = [];
        Heard heard = new(progress => images.Add(progress.Image));
        List<float> widths = [];
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (Mask mask in refiner.RefineManyAsync(Pairs(), heard, source.Token))
            {
                widths.Add(mask.Pixels.ToArray().Sum());
                if (widths.Count == 3)
                    await source.CancelAsync();
            }
        });
        Assert.Equal(3, widths.Count);
        Assert.True(widths[0] < widths[1] && widths[1] < widths[2]);
        Assert.Equal([0, 1, 2], images.Distinct());
        Assert.InRange(read.Count, 3, 4);
        Assert.Throws<ArgumentNullException>("pairs", () => refiner.RefineManyAsync(null!, cancellation: Token));

        async IAsyncEnumerable<(ImageInput Image, MaskInput CoarseMask)> Pairs()
        {
            for (int i = 0; i < 10; i++)
            {
                await Task.Yield();
                read.Add(i);
                yield return (Photo, Left(3 + 5 * i));
            }
        }
    }

    [Fact]
    public void Empty_batches_give_empty_results()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Refiner refiner = Blurring();
        torch.Tensor image = torch.zeros(3, Height, Width), images = torch.zeros(0, 3, Height, Width);
        Assert.Equal([0, Height, Width], refiner.Refine(image, torch.zeros(0, Height, Width)).shape);
        Assert.Equal([0, Height, Width], refiner.Refine(image, torch.zeros(0, 2, 3)).shape);
        Assert.Equal([0, 2, Height, Width], refiner.Refine(images, torch.zeros(0, 2, Height, Width)).shape);
        Assert.Equal([0, Height, Width], refiner.RefineClasses(image, torch.zeros(0, Height, Width)).shape);
        Assert.Equal([0, Height, Width], refiner.Refine(image, torch.zeros(0, Height, Width, torch.uint8)).shape);
    }

    [Fact]
    public void Specks_are_removed_on_request()
    {
        byte[] mask = Pictures.GreyPng(Width, Height, (x, y) => (byte)((x > 10) != (x is 3 or 20 && y is 5 or 6) ? 255 : 0));
        Refiner Build(Func<RefinerBuilder, RefinerBuilder> configure) => configure(SpnRefiner.Configure().OnCpu().WithMethod(new FakeGuidance())).Build();
        using Refiner plain = Build(builder => builder), cleaning = Build(builder => builder.WithSpecksRemoved(3));
        Mask kept = plain.Refine(Photo, mask), cleaned = cleaning.Refine(Photo, mask);
        Assert.Equal((1, 0), (kept[3, 5], kept[20, 5]));
        Assert.Equal((0, 1), (cleaned[3, 5], cleaned[20, 5]));
        Assert.Equal(kept.RemoveSpecks(3).Pixels.ToArray(), cleaned.Pixels.ToArray());
        torch.Tensor tensor = torch.tensor(kept.Pixels.ToArray(), Height, Width);
        Assert.Equal(cleaned.Pixels.ToArray(), TensorPixels.ToArray(cleaning.Refine(torch.zeros(3, Height, Width), tensor)));
        Assert.Equal(kept.Pixels.ToArray(), TensorPixels.ToArray(tensor)); // not changed in place
        Assert.Throws<ArgumentOutOfRangeException>("minArea", () => SpnRefiner.Configure().WithSpecksRemoved(0));
    }
}
