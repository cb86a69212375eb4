using Xunit;
using Spn.Metrics;

namespace Spn.Tests.Metrics;

public sealed class MaskMetricsTests
{
    private static BinaryMask Mask(int width, params string[] rows)
        => BinaryMask.From([.. string.Concat(rows).Select(c => c == '#')], width, rows.Length);

    [Fact]
    public void IoU_of_two_overlapping_squares()
    {
        BinaryMask a = Mask(4, "##..", "##..", "....", "....");
        BinaryMask b = Mask(4, ".##.", ".##.", "....", "....");
        Assert.Equal(2.0 / 6, MaskMetrics.IoU(a, b), 1e-15);
        Assert.Equal(1, MaskMetrics.IoU(a, a));
    }

    [Fact]
    public void IoU_of_empty_masks_is_defined()
    {
        BinaryMask empty = Mask(2, "..", ".."), full = Mask(2, "##", "##");
        Assert.Equal(1, MaskMetrics.IoU(empty, empty));
        Assert.Equal(0, MaskMetrics.IoU(full, empty));
        Assert.Equal(0, MaskMetrics.IoU(empty, full));
    }

    [Fact]
    public void Boundary_accuracy_of_a_shifted_edge_by_hand()
    {
        // R = (8 + 4) / 300 < 1, so all five bands have radius 1: the two columns beside the true edge, 8 pixels. One of the columns is wrong.
        BinaryMask truth = Mask(8, "####....", "####....", "####....", "####....");
        BinaryMask mask = Mask(8, "#####...", "#####...", "#####...", "#####...");
        Assert.Equal(0.5, MaskMetrics.MeanBoundaryAccuracy(mask, truth), 1e-15);
    }

    [Fact]
    public void Boundary_accuracy_ignores_errors_outside_the_band()
    {
        BinaryMask truth = Mask(8, "####....", "####....", "####....", "####....");
        BinaryMask mask = Mask(8, ".###...#", ".###...#", ".###...#", ".###...#");
        Assert.Equal(1, MaskMetrics.MeanBoundaryAccuracy(mask, truth));
        Assert.Equal(1, MaskMetrics.MeanBoundaryAccuracy(truth, truth));
    }

    [Fact]
    public void Boundary_accuracy_takes_the_mean_over_growing_bands()
    {
        // (600 + 300) / 300 = 3: radii 1 + ⌊2i/5⌋ = 1, 1, 1, 2, 2. A vertical edge at x = 300 off by one column: 1 of 2r columns is wrong.
        bool[] truth = new bool[600 * 300], mask = new bool[600 * 300];
        for (int i = 0; i < truth.Length; i++)
            (truth[i], mask[i]) = (i % 600 < 300, i % 600 < 301);
        double accuracy = MaskMetrics.MeanBoundaryAccuracy(BinaryMask.From(mask, 600, 300), BinaryMask.From(truth, 600, 300));
        Assert.Equal((3 * 0.5 + 2 * 0.75) / 5, accuracy, 1e-12);
    }

    [Fact]
    public void Boundary_accuracy_without_a_boundary_is_defined()
    {
        BinaryMask empty = Mask(2, "..", ".."), full = Mask(2, "##", "##"), some = Mask(2, "#.", "..");
        Assert.Equal(1, MaskMetrics.MeanBoundaryAccuracy(empty, empty));
        Assert.Equal(1, MaskMetrics.MeanBoundaryAccuracy(full, full));
        Assert.Equal(0, MaskMetrics.MeanBoundaryAccuracy(some, empty));
        Assert.Equal(0, MaskMetrics.MeanBoundaryAccuracy(empty, full));
    }

    [Fact]
    public void Thresholds_lie_at_one_half()
    {
        Assert.Equal<byte>([0, 1, 1, 0], BinaryMask.From([0.4999f, 0.5f, 1f, float.NaN], 2, 2).Pixels.ToArray());
        Assert.Equal<byte>([0, 1, 1, 0], BinaryMask.From([(byte)127, (byte)128, (byte)255, (byte)0], 2, 2).Pixels.ToArray());
    }

    [Fact]
    public void Sizes_that_do_not_fit_are_refused()
    {
        Assert.Contains("3 pixels, but 2 x 2 needs 4", Assert.Throws<ArgumentException>(() => BinaryMask.From(new float[3], 2, 2)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => BinaryMask.From(ReadOnlySpan<bool>.Empty, 0, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => BinaryMask.From(ReadOnlySpan<byte>.Empty, 2, -1));
        Assert.Throws<ArgumentException>(() => BinaryMask.From(ReadOnlySpan<byte>.Empty, 65536, 65536));
        BinaryMask wide = Mask(4, "####"), tall = Mask(1, "#", "#", "#", "#");
        Assert.Contains("4 x 1, but truth is 1 x 4", Assert.Throws<ArgumentException>(() => MaskMetrics.IoU(wide, tall)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => MaskMetrics.MeanBoundaryAccuracy(wide, tall));
        Assert.Throws<ArgumentNullException>(() => MaskMetrics.IoU(null!, tall));
    }
}
