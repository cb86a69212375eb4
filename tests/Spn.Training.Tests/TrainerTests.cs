using System.Globalization;
using Spn.Models;
using Spn.Torch;
using Spn.Training;
using TorchSharp;
using Xunit;

namespace Spn.Training.Tests;

[Collection(nameof(Alone))]
public sealed class TrainerTests(ITestOutputHelper output) : IDisposable
{
    private static readonly SpnConfiguration s_tiny = SpnConfiguration.Fast with { GuidanceWidth = 4, MaskWidth = 4, Channels = 4, Groups = 1 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_stopped_training_resumes_exactly()
    {
        TrainingOptions whole = Options("whole", 24), parts = Options("parts", 24);
        List<double> expected = Train(whole, stopAfter: null), actual = Train(parts, stopAfter: 12);
        actual.AddRange(Train(parts, stopAfter: null));

        Assert.Equal(12, expected.Count);
        Assert.Equal(expected, actual);
        Assert.Equal(File.ReadAllBytes(Path.Combine(whole.Folder!, "model.safetensors")), File.ReadAllBytes(Path.Combine(parts.Folder!, "model.safetensors")));
        Assert.Equal(Losses(whole), Losses(parts));
        Assert.True(new FileInfo(Path.Combine(parts.Folder!, "loss.png")).Length > 1000);
    }

    [Theory]
    [InlineData(4, 2, 6)] // before the first checkpoint
    [InlineData(10, 2, 6)] // lines after the checkpoint are cut
    [InlineData(18, 2, 6)] // in the step of a checkpoint, before it is written
    [InlineData(12, 4, 5)] // the checkpoint lies between two reports: the mean goes on from there
    [InlineData(10, 2, 6, 0.5)] // masks that depend on the weights
    public void A_killed_training_resumes_from_its_last_checkpoint(int killedAt, int logInterval, int checkpointInterval, double adversarial = 0)
    {
        TrainingOptions whole = Options("whole", 24) with
        {
            LogInterval = logInterval, CheckpointInterval = checkpointInterval, AdversarialShare = adversarial,
        };
        TrainingOptions parts = whole with { Folder = _folder.File("parts") };
        Train(whole, stopAfter: null);
        Train(parts, stopAfter: killedAt, kill: true);
        Assert.Equal(killedAt.ToString(CultureInfo.InvariantCulture), Losses(parts)[^1].Split(',')[0]);
        Train(parts, stopAfter: null);

        Assert.Equal(1 + 24 / logInterval, Losses(whole).Length);
        Assert.Equal(Losses(whole), Losses(parts));
        Assert.Equal(File.ReadAllBytes(Path.Combine(whole.Folder!, "model.safetensors")), File.ReadAllBytes(Path.Combine(parts.Folder!, "model.safetensors")));
    }

    [Fact]
    public void A_finished_training_resumes_with_its_averaged_model()
    {
        TrainingOptions options = Options("finished", 4);
        Train(options, stopAfter: null);
        using SpnModule model = Model();
        using var trainer = new Trainer(model, new ToyImages(), null, options);
        Assert.True(trainer.Resume());
        trainer.Run(cancellation: TestContext.Current.CancellationToken);

        string again = _folder.File("again.safetensors");
        trainer.Averaged.Save(again);
        Assert.Equal(File.ReadAllBytes(Path.Combine(options.Folder!, "model.safetensors")), File.ReadAllBytes(again));
    }

    [Fact]
    public void Training_makes_masks_better_than_the_coarse_ones()
    {
        TrainingOptions options = Options("learn", 200) with { LearningRate = 1e-2, CropSize = 64, ValidationInterval = 200, ValidationImages = 16, AverageDecay = 0.9 };
        using SpnModule model = Model();
        using var trainer = new Trainer(model, new ToyImages(128), new ToyImages(256), options);
        var reports = new List<TrainingProgress>();
        trainer.Run(new Listener(reports.Add), TestContext.Current.CancellationToken);

        ValidationResult result = reports[^1].Validation!;
        output.WriteLine($"loss {reports[0].Loss:F4} -> {reports[^1].Loss:F4}; {result}");
        Assert.InRange(reports[^1].Loss, 0, 0.7 * reports[0].Loss);
        Assert.True(result.IoU > result.CoarseIoU, $"{result}");
        Assert.Equal(TimeSpan.Zero, reports[^1].Remaining);

        using SpnModule saved = SpnModule.Load(Path.Combine(options.Folder!, "model.safetensors"));
        using torch.Tensor image = Seeded.Rand(1, [1, 3, 20, 20]), mask = Seeded.Rand(2, [1, 1, 20, 20]);
        using torch.Tensor guidance = saved.Guide(image), refined = saved.Propagate(guidance, mask);
        using torch.Tensor own = trainer.Averaged.Guide(image), averaged = trainer.Averaged.Propagate(own, mask);
        Assert.Equal(averaged.bytes.ToArray(), refined.bytes.ToArray());
    }

    [Fact]
    public void A_checkpoint_of_another_model_is_refused()
    {
        TrainingOptions options = Options("other", 4);
        Train(options, stopAfter: null);
        using var model = Seeded.Model(s_tiny with { MaskWidth = 8 });
        using var trainer = new Trainer(model, new ToyImages(), null, options);
        Assert.Contains("spn.mask.width", Assert.Throws<InvalidDataException>(() => trainer.Resume()).Message);

        using SpnModule same = Model();
        using var otherwise = new Trainer(same, new ToyImages(), null, options with { LearningRate = 1e-3, Threads = 2 });
        Assert.Contains("LearningRate is '0.002', expected '0.001'", Assert.Throws<InvalidDataException>(() => otherwise.Resume()).Message);
        using var fresh = new Trainer(same, new ToyImages(), null, options with { Folder = _folder.File("empty") });
        Assert.False(fresh.Resume());
    }

    [Fact]
    public void A_training_that_diverges_keeps_its_last_good_checkpoint()
    {
        TrainingOptions options = Options("diverges", 40) with { LearningRate = 1e12, MaxGradientNorm = double.MaxValue, CheckpointInterval = 1, LogInterval = 1000 };
        using SpnModule model = Model();
        using var trainer = new Trainer(model, new ToyImages(), null, options);
        InvalidOperationException failure = Assert.Throws<InvalidOperationException>(() => trainer.Run(cancellation: TestContext.Current.CancellationToken));
        Assert.Contains("LearningRate", failure.Message);

        using SpnModule again = Model();
        using var resumed = new Trainer(again, new ToyImages(), null, options);
        Assert.True(resumed.Resume());
        Assert.True(resumed.Step < trainer.Step);
        Assert.All(resumed.Averaged.parameters(), parameter => Assert.True(parameter.isfinite().all().item<bool>()));
    }

    [Theory]
    [InlineData(0, 32, 1e-3, "Steps")]
    [InlineData(1, 31, 1e-3, "CropSize")]
    [InlineData(1, 32, 0, "LearningRate")]
    [InlineData(1, 32, double.NaN, "LearningRate")]
    public void An_impossible_option_is_named(int steps, int crop, double rate, string name)
    {
        using SpnModule model = Model();
        Assert.Throws<ArgumentException>(name, () => new Trainer(
            model, new ToyImages(), null, new TrainingOptions { Steps = steps, CropSize = crop, LearningRate = rate }));
    }

    private static SpnModule Model()
    {
        return Seeded.Model(s_tiny, seed: 5);
    }

    private static string[] Losses(TrainingOptions options)
        => [.. File.ReadLines(Path.Combine(options.Folder!, "log.csv")).Select(line => string.Join(',', line.Split(',')[..4]))];

    private TrainingOptions Options(string folder, int steps) => new()
    {
        Steps = steps,
        BatchSize = 2,
        CropSize = 32,
        WarmupSteps = 4,
        Threads = 1,
        LogInterval = 2,
        CheckpointInterval = 6,
        ValidationInterval = 1000,
        ValidationImages = 2,
        Folder = _folder.File(folder),
    };

    /// <summary>Losses until the end, or until a stop right after a report: asked for, with a checkpoint, or a kill without one.</summary>
    private static List<double> Train(TrainingOptions options, int? stopAfter, bool kill = false)
    {
        using SpnModule model = Model();
        using var trainer = new Trainer(model, new ToyImages(), null, options);
        using var stop = new CancellationTokenSource();
        var losses = new List<double>();
        trainer.Resume();
        try
        {
            trainer.Run(
                new Listener(report =>
                {
                    losses.Add(report.Loss);
                    if (report.Step != stopAfter)
                        return;
                    if (kill)
                        throw new KilledException();
                    stop.Cancel();
                }),
                stop.Token);
        }
        catch (Exception stopped) when (stopAfter is not null && stopped is OperationCanceledException or KilledException)
        {
            Assert.Equal(stopAfter, trainer.Step);
        }
        return losses;
    }

    private sealed class KilledException : Exception;
}
