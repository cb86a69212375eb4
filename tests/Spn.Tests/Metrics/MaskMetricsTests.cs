using Spn.Metrics;
using Xunit;

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
    public void Boundary_IoU_of_a_shifted_square_by_hand()
    {
        // d = 1: two rings of 20 pixels, 2 x 5 of them shared in the top and bottom rows. Plain IoU is 30/42.
        BinaryMask truth = Square(left: 2), mask = Square(left: 3);
        Assert.Equal(10.0 / 30, MaskMetrics.BoundaryIoU(mask, truth), 1e-15);
        Assert.Equal(1, MaskMetrics.BoundaryIoU(truth, truth));

        static BinaryMask Square(int left)
            => BinaryMask.From([.. Enumerable.Range(0, 100).Select(i => i % 10 >= left && i % 10 < left + 6 && i / 10 is >= 2 and < 8)], 10, 10);
    }

    [Fact]
    public void Boundary_IoU_counts_the_image_border_and_the_corners_of_holes_as_contour()
    {
        // The full mask's ring has 16 pixels; the 8 around the hole come to them.
        BinaryMask full = Mask(5, "#####", "#####", "#####", "#####", "#####"), holed = Mask(5, "#####", "#####", "##.##", "#####", "#####");
        Assert.Equal(16.0 / 24, MaskMetrics.BoundaryIoU(holed, full), 1e-15);
    }

    [Fact]
    public void Boundary_IoU_uses_two_percent_of_the_diagonal()
    {
        // The diagonal is 500, so d = 10: bands of 200 x 300 - 180 x 280 and 201 x 300 - 181 x 280 pixels.
        bool[] truth = new bool[400 * 300], mask = new bool[400 * 300];
        for (int i = 0; i < truth.Length; i++)
            (truth[i], mask[i]) = (i % 400 < 200, i % 400 < 201);
        BinaryMask a = BinaryMask.From(mask, 400, 300), b = BinaryMask.From(truth, 400, 300);
        Assert.Equal(9320.0 / 9900, MaskMetrics.BoundaryIoU(a, b), 1e-15);
        // As far as the whole mask it is the IoU.
        Assert.Equal(200.0 / 201, MaskMetrics.BoundaryIoU(a, b, distance: 1), 1e-15);
        Assert.Equal(200.0 / 201, MaskMetrics.IoU(a, b), 1e-15);
    }

    [Fact]
    public void Boundary_IoU_without_a_boundary_is_defined()
    {
        BinaryMask empty = Mask(2, "..", ".."), full = Mask(2, "##", "##");
        Assert.Equal(1, MaskMetrics.BoundaryIoU(empty, empty));
        Assert.Equal(0, MaskMetrics.BoundaryIoU(full, empty));
        Assert.All([0, -0.1, 1.1, double.NaN], d => Assert.Throws<ArgumentOutOfRangeException>("distance", () => MaskMetrics.BoundaryIoU(full, empty, distance: d)));
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(30)]
    public void Inner_bands_are_the_pixels_removed_by_an_erosion(int distance)
    {
        const int Width = 23, Height = 17;
        Random random = new(distance);
        bool[] inside = [.. Enumerable.Range(0, Width * Height).Select(_ => random.Next(20 * distance) > 0)];
        byte[] band = InnerBand.Of(BinaryMask.From(inside, Width, Height), distance);
        for (int y = 0; y < Height; y++)
            for (int x = 0; x < Width; x++)
            {
                bool nearOutside = false;
                for (int dy = -distance; dy <= distance; dy++)
                    for (int dx = -distance; dx <= distance; dx++)
                        nearOutside |= x + dx is < 0 or >= Width || y + dy is < 0 or >= Height || !inside[(y + dy) * Width + x + dx];
                Assert.Equal(inside[y * Width + x] && nearOutside ? 1 : 0, band[y * Width + x]);
            }
    }

    [Fact]
    public void Ignored_pixels_do_not_count()
    {
        BinaryMask truth = Mask(8, "####....", "####....", "####....", "####....");
        BinaryMask mask = Mask(8, "#####...", "#####...", "#####..#", "#####...");
        BinaryMask wrong = Mask(8, "....#...", "....#...", "....#..#", "....#...");
        Assert.All([MaskMetrics.IoU, MaskMetrics.MeanBoundaryAccuracy], (Func<BinaryMask, BinaryMask, BinaryMask?, double> metric) =>
        {
            Assert.NotEqual(1, metric(mask, truth, null));
            Assert.Equal(1, metric(mask, truth, wrong));
        });
        // One wrong column of two in the band, three of its four pixels ignored.
        Assert.Equal(4.0 / 5, MaskMetrics.MeanBoundaryAccuracy(mask, truth, Mask(8, "....#...", "....#...", "....#..#", "........")), 1e-15);
        // Bands (d = 1): the mask's ring of 5 x 4 has 14 pixels and its dot 1, the truth's ring of 4 x 4 has 12; 10 are shared.
        Assert.Equal(10.0 / 17, MaskMetrics.BoundaryIoU(mask, truth), 1e-15);
        Assert.Equal(10.0 / 12, MaskMetrics.BoundaryIoU(mask, truth, wrong), 1e-15);
    }

    [Fact]
    public void What_is_all_ignored_is_judged_by_the_rest()
    {
        BinaryMask truth = Mask(4, "##..", "##.."), right = Mask(4, "#.#.", "##.."), wrong = Mask(4, "####", "##.#"), band = Mask(4, ".##.", ".##."), all = Mask(4, "####", "####");
        Assert.Equal(1, MaskMetrics.MeanBoundaryAccuracy(right, truth, band));
        Assert.Equal(0, MaskMetrics.MeanBoundaryAccuracy(wrong, truth, band));
        Assert.Equal(1, MaskMetrics.IoU(wrong, truth, all));
        Assert.Equal(1, MaskMetrics.BoundaryIoU(wrong, truth, all));
        Assert.Throws<ArgumentException>("ignored", () => MaskMetrics.IoU(right, truth, Mask(2, "..")));
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
        Assert.Contains("3 pixels; expected 4 for 2 x 2", Assert.Throws<ArgumentException>(() => BinaryMask.From(new float[3], 2, 2)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => BinaryMask.From(ReadOnlySpan<bool>.Empty, 0, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => BinaryMask.From(ReadOnlySpan<byte>.Empty, 2, -1));
        Assert.Throws<ArgumentException>(() => BinaryMask.From(ReadOnlySpan<byte>.Empty, 65536, 65536));
        BinaryMask wide = Mask(4, "####"), tall = Mask(1, "#", "#", "#", "#");
        Assert.Contains("4 x 1, but truth is 1 x 4", Assert.Throws<ArgumentException>(() => MaskMetrics.IoU(wide, tall)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => MaskMetrics.MeanBoundaryAccuracy(wide, tall));
        Assert.Throws<ArgumentNullException>(() => MaskMetrics.IoU(null!, tall));
    }
}
