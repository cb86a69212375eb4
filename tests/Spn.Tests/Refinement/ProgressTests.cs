using Xunit;

namespace Spn.Tests.Refinement;

/// <summary>How far a refinement is, as its caller is told.</summary>
public sealed class ProgressTests
{
    private static readonly ImageInput s_photo = ImageInput.FromPixels(new byte[40 * 24 * 3], 40, 24, PixelFormat.Rgb24);
    private static readonly MaskInput s_mask = MaskInput.FromPixels(new byte[960], 40, 24);

    [Fact]
    public async Task A_mask_goes_up_to_one()
    {
        Heard heard = new();
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithMethod(new FakeGuidance()).Build();
        await refiner.RefineAsync(s_photo, s_mask, heard, TestContext.Current.CancellationToken);
        Assert.Equal([0.25, 0.5, 0.75, 1], heard.Reports.Select(report => report.Fraction));
        Assert.All(heard.Reports, report => Assert.Equal(0, report.Image));
    }

    [Fact]
    public void A_sequence_tells_which_pair_when_its_turn_comes()
    {
        Heard heard = new();
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithMethod(new FakeGuidance()).Build();
        IEnumerable<Mask> masks = refiner.RefineMany(Enumerable.Repeat((s_photo, s_mask), 3), heard, TestContext.Current.CancellationToken);
        Assert.Empty(heard.Reports);
        _ = masks.Take(2).Count();
        Assert.Equal([(0, 1), (1, 1)], heard.Reports.Where(report => report.Fraction == 1).Select(report => (report.Image, (int)report.Fraction)));
        Assert.Equal(8, heard.Reports.Count);
    }

    [Fact]
    public async Task A_listener_that_throws_faults_the_call_alone()
    {
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithMethod(new FakeGuidance()).Build();
        Heard angry = new() { Then = () => throw new InvalidOperationException("enough") };
        Task<Mask> task = refiner.RefineAsync(s_photo, s_mask, angry, TestContext.Current.CancellationToken);
        Assert.Equal("enough", (await Assert.ThrowsAsync<InvalidOperationException>(() => task)).Message);
        Assert.Equal(40, refiner.Refine(s_photo, s_mask).Width);
    }

    /// <summary>Hears at once, on the working thread, as <see cref="Progress{T}"/> does not.</summary>
    private sealed class Heard : IProgress<RefineProgress>
    {
        public List<RefineProgress> Reports { get; } = [];

        public Action? Then { get; init; }

        public void Report(RefineProgress value)
        {
            Reports.Add(value);
            Then?.Invoke();
        }
    }
}
