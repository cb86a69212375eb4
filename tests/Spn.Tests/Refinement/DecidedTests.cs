using Spn.Torch;
using TorchSharp;
using Xunit;

namespace Spn.Tests.Refinement;

/// <summary>A mask without foreground stays empty, and one without background stays full, with every method.</summary>
public sealed class DecidedTests
{
    private const int Width = 72, Height = 48;

    public static TheoryData<string> Methods => ["Fast", "Quality", "EdgeGuidance", "Inverting"];

    private static Refiner RefinerOf(string method, Func<RefinerBuilder, RefinerBuilder>? configure = null)
    {
        RefinerBuilder builder = SpnRefiner.Configure().OnCpu();
        builder = method switch
        {
            "Fast" => builder.WithModel(SpnModel.Fast),
            "Quality" => builder.WithModel(SpnModel.Quality),
            "EdgeGuidance" => builder.WithMethod(new EdgeGuidance()),
            _ => builder.WithMethod(new FakeGuidance { Change = static (_, masks) => torch.ones_like(masks) - masks }),
        };
        return (configure?.Invoke(builder) ?? builder).Build();
    }

    private static ImageInput Photo() => Pictures.ColourPng(Width, Height);

    private static MaskInput Constant(float value) => MaskInput.FromPixels([.. Enumerable.Repeat(value, Width * Height)], Width, Height);

    [Theory]
    [MemberData(nameof(Methods))]
    public void Constant_masks_stay(string method)
    {
        using Refiner refiner = RefinerOf(method);
        foreach (float value in new[] { 0, 0.1f, 0.4999f, 0.5f, 0.9f, 1 })
            Assert.All(refiner.Refine(Photo(), Constant(value)).Pixels.ToArray(), refined => Assert.Equal(value, refined));
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Faint_masks_keep_their_values(string method)
    {
        Random random = new(8);
        float[] faint = [.. Enumerable.Range(0, Width * Height).Select(_ => 0.49f * random.NextSingle())], full = [.. faint.Select(value => 1 - value)];
        using Refiner refiner = RefinerOf(method);
        IReadOnlyList<Mask> refined = refiner.Refine(
            Photo(), [MaskInput.FromPixels(faint, Width, Height), MaskInput.FromPixels(full, Width, Height)], out RefineReport report);
        Assert.Equal(faint, refined[0].Pixels.ToArray());
        Assert.Equal(full, refined[1].Pixels.ToArray());
        Assert.Equal((0, 0), (report.ChangedShare, report.MeanChange));
    }

    [Fact]
    public void Only_the_decided_masks_of_several_are_kept()
    {
        float[] half = [.. Enumerable.Range(0, Width * Height).Select(i => i % Width < 30 ? 1f : 0)];
        using Refiner refiner = RefinerOf("Inverting");
        IReadOnlyList<Mask> refined = refiner.Refine(Photo(), [Constant(0), MaskInput.FromPixels(half, Width, Height), Constant(1)]);
        Assert.All(refined[0].Pixels.ToArray(), value => Assert.Equal(0, value));
        Assert.Equal(half.Select(value => 1 - value), refined[1].Pixels.ToArray());
        Assert.All(refined[2].Pixels.ToArray(), value => Assert.Equal(1, value));

        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor images = torch.zeros(2, 3, Height, Width), masks = torch.zeros(2, 2, Height, Width);
        masks[0, 1].fill_(1f);
        masks[1, 0] = torch.tensor(half, Height, Width);
        torch.Tensor result = refiner.Refine(images, masks), expected = masks.clone();
        expected[1, 0] = torch.ones(Height, Width) - masks[1, 0];
        Assert.Equal(TensorPixels.ToArray(expected), TensorPixels.ToArray(result));
    }

    [Fact]
    public void The_hard_threshold_decides_what_is_foreground()
    {
        float[] soft = [.. Enumerable.Range(0, Width * Height).Select(i => i % Width < 30 ? 0.4f : 0)];
        using Refiner refiner = RefinerOf("Inverting", builder => builder.WithHardOutput(0.3f));
        Assert.Equal(1, refiner.Refine(Photo(), MaskInput.FromPixels(soft, Width, Height))[Width - 1, 0]); // refined
        using Refiner strict = RefinerOf("Inverting", builder => builder.WithHardOutput());
        Assert.Equal(0, strict.Refine(Photo(), MaskInput.FromPixels(soft, Width, Height))[Width - 1, 0]); // empty at 0.5
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Absent_classes_stay_absent_and_a_class_everywhere_stays_everywhere(string method)
    {
        int plane = Width * Height;
        float[] maps = new float[3 * plane];
        for (int i = 0; i < plane; i++)
            (maps[i], maps[plane + i]) = i % Width < 30 ? (0.8f, 0.2f) : (0.1f, 0.9f);
        using Refiner refiner = RefinerOf(method);
        ClassProbabilities refined = refiner.Refine(Photo(), ClassProbabilities.FromPixels(maps, 3, Width, Height));
        Assert.All(refined[2].Pixels.ToArray(), value => Assert.Equal(0, value));

        LabelMap labels = LabelMap.FromPixels([.. Enumerable.Repeat((byte)7, plane)], Width, Height);
        Assert.All(refiner.Refine(Photo(), labels).Labels.ToArray(), label => Assert.Equal(7, label));
        float[] mostly = [.. Enumerable.Repeat(0.6f, plane), .. Enumerable.Repeat(0.3f, plane), .. Enumerable.Repeat(0.1f, plane)];
        Assert.All(refiner.Refine(Photo(), ClassProbabilities.FromPixels(mostly, 3, Width, Height)).ToLabelMap().Labels.ToArray(), label => Assert.Equal(0, label));
    }

    [Fact]
    public async Task Progress_and_timings_are_complete_when_nothing_is_refined()
    {
        List<double> fractions = [];
        using Refiner refiner = RefinerOf("Fast");
        Refined<Mask> refined = await refiner.RefineWithReportAsync(
            Photo(), Constant(0), new Heard(progress => fractions.Add(progress.Fraction)), TestContext.Current.CancellationToken);
        Assert.Equal([0.25, 0.5, 0.75, 1], fractions);
        Assert.Equal(1, refined.Report.Tiles);
        Assert.True(refined.Report.Timings.Total > TimeSpan.Zero);
    }
}
