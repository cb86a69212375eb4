using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Spn.Tests.Refinement;

/// <summary>Do no harm: outside the band the coarse mask stays, and the report tells what changed.</summary>
public sealed class ChangeLimitTests
{
    private const int Width = 40, Height = 10, Edge = 20;

    private static readonly ImageInput s_photo = ImageInput.FromPixels(new byte[Width * Height * 3], Width, Height, PixelFormat.Rgb24);

    /// <summary>√(40·10) = 20 pixels, so 0.1 is a radius of 2: two columns either side of the edge.</summary>
    [Fact]
    public void Only_a_band_around_the_boundary_changes()
    {
        using Refiner refiner = With(Constant(0.25f), 0.1);
        Mask refined = refiner.Refine(s_photo, MaskInput.FromPixels(Half(0.9f, 0.2f), Width, Height), out RefineReport report);
        for (int i = 0; i < Width * Height; i++)
            Assert.Equal((i % Width) switch { >= Edge - 2 and < Edge + 2 => 0.25f, < Edge => 0.9f, _ => 0.2f }, refined.Pixels[i]);
        Assert.Equal(2.0 / Width, report.ChangedShare, 1e-6);
        Assert.Equal((2 * 0.65 + 2 * 0.05) / Width, report.MeanChange, 1e-6);
    }

    [Fact]
    public void Without_it_all_may_change_and_the_report_says_so()
    {
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithMethod(Constant(0.25f)).Build();
        _ = refiner.Refine(s_photo, MaskInput.FromPixels(Half(0.9f, 0.2f), Width, Height), out RefineReport report);
        Assert.Equal(0.5, report.ChangedShare, 1e-6);
        Assert.Equal((0.65 + 0.05) / 2, report.MeanChange, 1e-6);
        using Refiner hard = SpnRefiner.Configure().OnCpu().WithMethod(Constant(0.25f)).WithHardOutput(0.21f).Build();
        _ = hard.Refine(s_photo, MaskInput.FromPixels(Half(0.9f, 0.2f), Width, Height), out report);
        Assert.Equal(0.5, report.ChangedShare, 1e-6); // the other half now, from 0.2 to 0.25
        Assert.Equal((0.65 + 0.05) / 2, report.MeanChange, 1e-6);
        using Refiner idle = With(new FakeGuidance(), 0.1);
        _ = idle.Refine(s_photo, MaskInput.FromPixels(Half(0.9f, 0.2f), Width, Height), out report);
        Assert.Equal((0, 0), (report.ChangedShare, report.MeanChange));
    }

    [Fact]
    public void A_mask_without_a_boundary_stays()
    {
        using Refiner refiner = With(Constant(0.75f), 0.25);
        float[] faint = Half(0.49f, 0.1f);
        Assert.Equal(faint, refiner.Refine(s_photo, MaskInput.FromPixels(faint, Width, Height)).Pixels.ToArray());
    }

    [Fact]
    public void Independent_masks_have_a_band_each()
    {
        using DisposeScope scope = NewDisposeScope();
        using Refiner refiner = With(Constant(0.25f), 0.1);
        Tensor masks = stack([tensor(Half(1, 0), Height, Width), tensor(Half(0, 0), Height, Width)]);
        Tensor refined = refiner.Refine(zeros(3, Height, Width), masks);
        Assert.Equal(4 * Height, refined[0].eq(0.25f).sum().item<long>());
        Assert.Equal(0, refined[1].ne(0).sum().item<long>());
    }

    [Fact]
    public void Labels_and_classes_share_a_band()
    {
        using DisposeScope scope = NewDisposeScope();
        // Every class loses to class 0 wherever something may change.
        using Refiner refiner = With(new FakeGuidance { Change = (_, masks) => cat([ones_like(masks.narrow(1, 0, 1)), zeros_like(masks.narrow(1, 1, masks.shape[1] - 1))], 1) }, 0.1);
        int[] labels = [.. Enumerable.Range(0, Width * Height).Select(i => (i % Width) switch { < 10 => 3, < 30 => 4, < 38 => 9, _ => 255 })];
        LabelMap refined = refiner.Refine(s_photo, LabelMap.FromPixels(labels, Width, Height));
        int[] row = [.. Enumerable.Range(0, Width).Select(x => x switch { < 12 => 3, < 28 => 4, < 32 => 3, < 36 => 9, < 38 => 3, _ => 255 })];
        Assert.Equal(row, refined.Labels[..Width].ToArray());

        Tensor classes = stack([tensor(Half(0.4f, 0.2f), Height, Width), tensor(Half(0.3f, 0.7f), Height, Width), tensor(Half(0.1f, 0.1f), Height, Width)]);
        Tensor shares = refiner.RefineClasses(zeros(3, Height, Width), classes);
        Assert.True(shares.sum(dim: 0).allclose(ones(Height, Width)));
        Assert.True(shares.select(2, 19).allclose(tensor([1f, 0, 0]).unsqueeze(1).expand(3, Height)));
        Assert.True(shares.select(2, 5).allclose(tensor([0.5f, 0.375f, 0.125f]).unsqueeze(1).expand(3, Height)));
    }

    [Theory, InlineData(0), InlineData(-0.1), InlineData(0.26), InlineData(double.NaN)]
    public void Bands_out_of_range_are_refused(double band)
        => Assert.Throws<ArgumentOutOfRangeException>(nameof(band), () => SpnRefiner.Configure().WithChangeLimit(band));

    private static Refiner With(FakeGuidance guidance, double band) => SpnRefiner.Configure().OnCpu().WithMethod(guidance).WithChangeLimit(band).Build();

    private static FakeGuidance Constant(float value) => new() { Change = (_, masks) => full_like(masks, value) };

    private static float[] Half(float left, float right) => [.. Enumerable.Range(0, Width * Height).Select(i => i % Width < Edge ? left : right)];
}
