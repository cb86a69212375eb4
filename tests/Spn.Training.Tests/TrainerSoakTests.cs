using Spn.Models;
using Spn.Training;
using TorchSharp;
using Xunit;

namespace Spn.Training.Tests;

/// <summary>Long trainings: memory stays flat, and a garbage collection at any moment changes no bit.</summary>
[Collection(nameof(Alone))]
public sealed class TrainerSoakTests(ITestOutputHelper output)
{
    private const int Steps = 10_000;

    private static readonly SpnConfiguration s_tiny = SpnConfiguration.Fast with { GuidanceWidth = 4, MaskWidth = 4, Channels = 4, Groups = 1 };

    [Fact]
    public void Thousands_of_steps_keep_memory_flat()
    {
        // The first half fills the allocators' own pools; the second must add nothing.
        List<long> resident = [], tensors = [];
        Train(Steps, Steps / 10, _ =>
        {
            resident.Add(ProcessMemory.Resident());
            tensors.Add(torch.Tensor.TotalCount);
        });

        long grown = resident[^1] - resident.Take(5).Max();
        output.WriteLine($"MiB: {string.Join(' ', resident.Select(bytes => bytes >> 20))}; tensors: {string.Join(' ', tensors)}");
        // None more than at first; fewer where a thread of another test ends and lets go of its last gradients.
        Assert.All(tensors, count => Assert.InRange(count, 0, tensors[0]));
        // A leak of one 4 KB map of 32 x 32 a step would be 20 MB.
        Assert.True(grown < 12L << 20, $"{grown >> 20} MB more after {Steps / 2} steps");
    }

    [Fact]
    public void Garbage_collected_on_another_thread_at_any_time_changes_no_bit()
    {
        const int steps = 300;
        List<double> expected = [], actual = [];
        byte[] weights = Train(steps, 1, report => expected.AddRange([report.Loss, report.GradientNorm]));
        using (new RestlessCollector())
            Assert.Equal(weights, Train(steps, 1, report => actual.AddRange([report.Loss, report.GradientNorm])));
        Assert.Equal(2 * steps, expected.Count);
        Assert.Equal(expected, actual);
    }

    /// <summary>The averaged model's parameters after a training.</summary>
    private static byte[] Train(int steps, int interval, Action<TrainingProgress> listen)
    {
        using var model = Seeded.Model(s_tiny, seed: 5);
        using var trainer = new Trainer(model, new CachedImages(new ToyImages(), 16), new ToyImages(), new TrainingOptions
        {
            Steps = steps,
            BatchSize = 1,
            MasksPerImage = 1,
            CropSize = 32,
            WarmupSteps = 4,
            Threads = 1,
            LogInterval = interval,
            ValidationInterval = Math.Max(100, interval), // before each of a soak's readings, which then all count what inference keeps
            ValidationImages = 2,
            CheckpointInterval = int.MaxValue,
        });
        trainer.Run(new Listener(listen), TestContext.Current.CancellationToken);
        return [.. trainer.Averaged.parameters().SelectMany(p => p.bytes.ToArray())];
    }
}
