using Spn.Metrics;
using Spn.Paper.Data;
using Spn.Paper.Report;
using Spn.Paper.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Spn.Tools.Tests.Paper;

/// <summary>The parts of the paper's experiments.</summary>
public sealed class PaperPartsTests
{
    [Fact]
    public void A_view_keeps_pixels_and_labels_together_and_exchanges_classes_in_a_mirror()
    {
        const int size = 32;
        byte[] labels = [.. Enumerable.Range(0, size * size).Select(i => (byte)(i % size < size / 2 ? 1 : 2))];
        float[] rgb = [.. Enumerable.Range(0, 3).SelectMany(_ => labels.Select(label => label / 2f))];
        var picture = new Picture("halves", size, size, rgb, labels);
        var random = new Random(1);
        int mirrored = 0;
        for (int draw = 0; draw < 20; draw++)
        {
            Picture view = View.Random(picture, random, [0, 2, 1]);
            bool mirror = view.Labels[size / 2 * size + 4] == 1 != view.Rgb[size / 2 * size + 4] < 0.75f;
            mirrored += mirror ? 1 : 0;
            int same = Enumerable.Range(0, size * size).Count(i => view.Labels[i] == Picture.Void
                || view.Labels[i] == 1 != mirror == view.Rgb[i] < 0.75f);
            Assert.InRange(same, size * size * 0.97, size * size);
            Assert.Contains((byte)1, view.Labels);
            Assert.Contains((byte)2, view.Labels);
        }
        Assert.InRange(mirrored, 4, 16);
    }

    [Fact]
    public void Scores_have_an_error_only_if_images_differ()
    {
        ConfusionMatrix right = Counts(1, 1), wrong = Counts(1, 0);
        var equal = new Scores([right, right, right]);
        Assert.Equal(100, equal.Of(counts => counts.PixelAccuracy), 1e-9);
        Assert.Equal(0, equal.ErrorOf(counts => counts.PixelAccuracy), 1e-9);
        var mixed = new Scores([right, wrong, right, wrong]);
        Assert.Equal(50, mixed.Of(counts => counts.PixelAccuracy), 1e-9);
        Assert.InRange(mixed.ErrorOf(counts => counts.PixelAccuracy), 20, 30); // 100 · √(¼ / 4)

        static ConfusionMatrix Counts(int truth, int label)
        {
            var counts = new ConfusionMatrix(2);
            counts.Add(LabelMap.FromPixels([label], 1, 1), LabelMap.FromPixels([truth], 1, 1));
            return counts;
        }
    }

    [Fact]
    public void A_finished_training_is_loaded_with_its_statistics()
    {
        using var folder = new TemporaryFolder();
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Seeded.Randn(1, [8, 3]);
        nn.Module<Tensor, Tensor> Module(long seed) => Seeded.Module(seed, () => nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4)));
        var run = new Run(folder.Path, new Budget(60, Steps: 3), seed: 1);
        nn.Module<Tensor, Tensor> first = Module(1), second = Module(2);
        RunResult trained = run.Train("toy", first, 1e-2, _ => first.forward(x).mul(x.sum()).mean().abs());
        Assert.Equal(3, trained.Steps);
        RunResult loaded = run.Train("toy", second, 1e-2, _ => throw new InvalidOperationException("It is finished."));
        Assert.Equal(trained.Steps, loaded.Steps);
        Assert.True(first.forward(x).allclose(second.forward(x), 1e-6, 1e-6));
        var other = new Run(folder.Path, new Budget(60, Steps: 3), seed: 2);
        Assert.Throws<InvalidDataException>(() => other.Train("toy", second, 1e-2, _ => x.sum()));
    }

    [Theory]
    [InlineData(1.0, null, 30, 60.0, 1.0)]
    [InlineData(2.0, null, 30, 60.0, 0.5)]
    [InlineData(2.0, 60, 30, 1e9, 0.5)]
    public void A_budget_is_a_time_or_a_number_of_steps(double minutes, int? steps, int step, double seconds, double share)
        => Assert.Equal(share, new Budget(minutes, steps).Share(step, seconds), 1e-9);
}
