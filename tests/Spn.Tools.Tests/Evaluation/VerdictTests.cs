using SkiaSharp;
using Spn.Evaluation.Verdicts;
using Xunit;

namespace Spn.Tools.Tests.Evaluation;

/// <summary>The fit and the measures of verdicts.</summary>
public sealed class VerdictTests
{
    private static VerdictSample Sample(double better, double gain) => new([], better, gain, 0);

    [Fact]
    public void A_regression_finds_the_weights_that_made_its_labels()
    {
        OpenCv.Require();
        Random random = new(3);
        (double[] Features, bool Label, double Weight)[] samples = [.. Enumerable.Range(0, 20_000).Select(i =>
        {
            double a = 3 * random.NextDouble() - 1, b = 10 * random.NextDouble();
            double p = 1 / (1 + Math.Exp(-(-2 + 1.5 * a + 0.4 * b)));
            return (new[] { a, b }, random.NextDouble() < p, i % 2 == 0 ? 1.0 : 0.5);
        })];
        double[] weights = LogisticRegression.Fit(samples);
        Assert.Equal(-2, weights[0], 0.15);
        Assert.Equal(1.5, weights[1], 0.15);
        Assert.Equal(0.4, weights[2], 0.05);
    }

    [Fact]
    public void Auc_counts_pairs_in_the_right_order()
    {
        Assert.Equal(1, Calibration.Auc([Sample(0.2, -1), Sample(0.3, 0), Sample(0.4, 1)]));
        Assert.Equal(0, Calibration.Auc([Sample(0.2, 1), Sample(0.3, -1)]));
        Assert.Equal(0.875, Calibration.Auc([Sample(0.2, -1), Sample(0.4, 1), Sample(0.4, -1), Sample(0.5, 1)]));
    }

    [Fact]
    public void The_calibration_error_is_the_mean_distance_of_probability_and_frequency()
    {
        Assert.Equal(0, Calibration.ExpectedError([Sample(0.5, 1), Sample(0.5, -1)]), 1e-9);
        Assert.Equal((0.1 + 0.2) / 2, Calibration.ExpectedError([Sample(0.9, 1), Sample(0.2, -1)]), 1e-9);
        Assert.Equal(0.05, Calibration.ExpectedError([Sample(1, 1), Sample(0.9, 1)]), 1e-9); // 1 belongs to the last bin
    }

    [Fact]
    public void The_diagram_is_a_picture_with_all_groups()
    {
        using SKBitmap picture = SKBitmap.Decode(Calibration.Draw([("one", [Sample(0.2, 1), Sample(0.8, -1)]), ("two", [Sample(0.5, 1)])]));
        Assert.True(picture is { Width: > 300, Height: > 300 });
        Assert.Contains(picture.Pixels, pixel => pixel == new SKColor(0x1f, 0x77, 0xb4));
        Assert.Contains(picture.Pixels, pixel => pixel == new SKColor(0xd6, 0x27, 0x28));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" --every 3 --model Quality", "--model", "Quality", "--every", "3", "--fit", "yes", "--tables", "results")]
    public void The_command_reproduces_the_arguments(string expected, params string[] options)
    {
        using TemporaryFolder folder = new();
        string data = Directory.CreateDirectory(folder.File("data")).FullName;
        Assert.Equal($"verdicts data{expected}", VerdictArguments.Parse([data, .. options]).Command());
        string[] video = options.Length > 0 ? ["--frames", "9", "--every", "3", "--model", "Quality"] : [];
        Assert.Equal(
            $"video data{expected.Replace("--every 3", "--frames 9 --every 3", StringComparison.Ordinal)}",
            Spn.Evaluation.Video.VideoArguments.Parse([data, .. video]).Command());
    }
}
