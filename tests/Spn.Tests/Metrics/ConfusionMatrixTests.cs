using Spn.Metrics;
using Xunit;

namespace Spn.Tests.Metrics;

public sealed class ConfusionMatrixTests
{
    /// <summary>n[0,0] = 2, n[0,1] = 1, n[1,1] = 2, n[1,void] = 1, n[2,0] = 1, n[2,2] = 1: T = 3, 3, 2 and P = 3, 3, 1.</summary>
    private static readonly (int Truth, int Label)[] s_pixels = [(0, 0), (0, 0), (0, 1), (1, 1), (1, 1), (1, 255), (2, 0), (255, 1), (2, 2)];

    [Fact]
    public void Counts_of_images_add_up()
    {
        ConfusionMatrix first = new(3), second = new(3), both = new(3);
        LabelMap labels = LabelMap.FromPixels([0, 1, 2], 3, 1), truth = LabelMap.FromPixels([0, 2, 2], 3, 1);
        first.Add(labels, truth);
        second.Add(truth, truth);
        both.Add(labels, truth);
        both.Add(truth, truth);
        first.Add(second);
        foreach ((int t, int p) in Enumerable.Range(0, 9).Select(i => (i / 3, i % 3)))
            Assert.Equal(both[t, p], first[t, p]);
        Assert.Throws<ArgumentException>("other", () => first.Add(new ConfusionMatrix(2)));
        Assert.Throws<ArgumentNullException>("other", () => first.Add(null!));
    }

    [Fact]
    public void Figures_of_nine_pixels_by_hand()
    {
        ConfusionMatrix matrix = Of(3, s_pixels);
        Assert.Equal((2, 1, 1, 0), (matrix[0, 0], matrix[0, 1], matrix[1, LabelMap.Void], matrix[2, 1]));
        Assert.Equal(8, matrix.Pixels);
        Assert.Equal(5.0 / 8, matrix.PixelAccuracy, 1e-15);
        Assert.Equal((2.0 / 3 + 2.0 / 3 + 1.0 / 2) / 3, matrix.MeanAccuracy, 1e-15);
        Assert.Equal(2.0 / 3, matrix.Accuracy(1), 1e-15);
        Assert.Equal([2.0 / 4, 2.0 / 4, 1.0 / 2], Enumerable.Range(0, 3).Select(matrix.IoU));
        Assert.Equal(0.5, matrix.MeanIoU, 1e-15);
        Assert.Equal(2.0 * 2 / 6, matrix.FScore(1), 1e-15);
        Assert.Equal(2.0 * 1 / 3, matrix.FScore(2), 1e-15);
    }

    [Fact]
    public void Several_labels_are_met_one_by_one_or_as_one()
    {
        ConfusionMatrix matrix = Of(3, s_pixels);
        Assert.Equal(2.0 * (2 + 1) / (3 + 2 + 3 + 1), matrix.OverallFScore(0, 2), 1e-15);
        Assert.Equal(2.0 * (2 + 1 + 1) / (3 + 2 + 3 + 1), matrix.FScoreOfUnion(0, 2), 1e-15); // 2 taken for 0 is no error
        Assert.Equal(matrix.FScore(1), matrix.OverallFScore(1));
        Assert.Equal(matrix.FScore(1), matrix.FScoreOfUnion(1));
    }

    [Fact]
    public void Images_add_up()
    {
        ConfusionMatrix whole = Of(3, s_pixels), parts = Of(3, s_pixels[..4]);
        Count(parts, s_pixels[4..]);
        for (int truth = 0; truth < 3; truth++)
            Assert.All([0, 1, 2, LabelMap.Void], label => Assert.Equal(whole[truth, label], parts[truth, label]));
    }

    [Fact]
    public void A_label_that_never_occurs_is_excluded_from_means()
    {
        ConfusionMatrix matrix = Of(4, s_pixels);
        Assert.True(double.IsNaN(matrix.IoU(3)) && double.IsNaN(matrix.Accuracy(3)) && double.IsNaN(matrix.FScore(3)));
        Assert.Equal(0.5, matrix.MeanIoU, 1e-15);
        // Given where the truth is another, it is in the mean of IoU with 0, and still in no accuracy.
        Count(matrix, [(2, 3)]);
        Assert.Equal((0.5 + 0.5 + 1.0 / 3 + 0) / 4, matrix.MeanIoU, 1e-15);
        Assert.Equal((2.0 / 3 + 2.0 / 3 + 1.0 / 3) / 3, matrix.MeanAccuracy, 1e-15);
        Assert.True(double.IsNaN(new ConfusionMatrix(2).MeanIoU) && double.IsNaN(new ConfusionMatrix(2).PixelAccuracy));
    }

    [Fact]
    public void What_does_not_fit_is_named_and_not_counted()
    {
        ConfusionMatrix matrix = new(3);
        LabelMap fits = LabelMap.FromPixels([0, 1, 2], 3, 1);
        Assert.Contains("label 3", Assert.Throws<ArgumentException>("labels", () => matrix.Add(LabelMap.FromPixels([0, 1, 3], 3, 1), fits)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>("truth", () => matrix.Add(fits, LabelMap.FromPixels([0, 1, 7], 3, 1)));
        Assert.Contains("1 x 3", Assert.Throws<ArgumentException>("labels", () => matrix.Add(LabelMap.FromPixels([0, 1, 2], 1, 3), fits)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>("truth", () => matrix.Add(fits, null!));
        Assert.Equal(0, matrix[0, 0]);
        Assert.All([0, 256, -1], classes => Assert.Throws<ArgumentOutOfRangeException>(nameof(classes), () => new ConfusionMatrix(classes)));
        Assert.Throws<ArgumentOutOfRangeException>("label", () => matrix.FScore(3));
        Assert.Throws<ArgumentOutOfRangeException>("truth", () => matrix[LabelMap.Void, 0]);
        Assert.All([[], [0, 0], [3]], (int[] labels) => Assert.Throws<ArgumentException>(nameof(labels), () => matrix.OverallFScore(labels)));
    }

    private static ConfusionMatrix Of(int classes, (int Truth, int Label)[] pixels)
    {
        var matrix = new ConfusionMatrix(classes);
        Count(matrix, pixels);
        return matrix;
    }

    private static void Count(ConfusionMatrix matrix, (int Truth, int Label)[] pixels)
        => matrix.Add(LabelMap.FromPixels([.. pixels.Select(pixel => pixel.Label)], pixels.Length, 1), LabelMap.FromPixels([.. pixels.Select(pixel => pixel.Truth)], pixels.Length, 1));
}
