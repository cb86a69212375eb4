using Spn.Training;
using Xunit;

namespace Spn.Training.Tests;

public sealed class TrainingOptionsTests
{
    [Fact]
    public void The_rate_warms_up_then_falls_along_a_cosine()
    {
        TrainingOptions options = new() { Steps = 1100, WarmupSteps = 100, LearningRate = 0.02, FinalRate = 0.01 };
        Assert.Equal(0.0002, options.RateAt(0), 1e-12);
        Assert.Equal(0.01, options.RateAt(49), 1e-12);
        Assert.Equal(0.02, options.RateAt(99), 1e-12);
        Assert.Equal(0.02, options.RateAt(100), 1e-12);
        Assert.Equal(0.02 * (0.01 + 0.99 * 0.5), options.RateAt(600), 1e-12); // half way
        Assert.Equal(0.02 * (0.01 + 0.99 * 0.5 * (1 + Math.Sqrt(0.5))), options.RateAt(350), 1e-12); // a quarter
        Assert.Equal(0.0002, options.RateAt(1100), 1e-12);
        Assert.Equal(0.0002, options.RateAt(5000), 1e-12);
        for (int step = 101; step <= 1100; step++)
            Assert.True(options.RateAt(step) < options.RateAt(step - 1));
    }

    [Fact]
    public void Warm_up_may_be_nothing_or_all()
    {
        Assert.Equal(0.002, new TrainingOptions { WarmupSteps = 0 }.RateAt(0), 1e-12);
        TrainingOptions all = new() { Steps = 10, WarmupSteps = 10 };
        Assert.Equal(0.002, all.RateAt(9), 1e-12);
        Assert.True(double.IsFinite(all.RateAt(10)));
    }

    [Fact]
    public void Defaults_and_limits_are_accepted()
    {
        new TrainingOptions().Validate();
        new TrainingOptions
        {
            Steps = 1, BatchSize = 1, MasksPerImage = 1, CropSize = 32, WarmupSteps = 0, FinalRate = 1, WeightDecay = 0, MaxGradientNorm = double.PositiveInfinity,
            AverageDecay = 0, Threads = 1, BatchesAhead = 1, LogInterval = 1, CheckpointInterval = 1, ValidationInterval = 1, ValidationImages = 1,
        }.Validate();
    }

    public static TheoryData<string, string, TrainingOptions> Impossible => new()
    {
        { nameof(TrainingOptions.Steps), "is 0, expected 1 or more", new() { Steps = 0 } },
        { nameof(TrainingOptions.BatchSize), "is -1, expected 1 or more", new() { BatchSize = -1 } },
        { nameof(TrainingOptions.MasksPerImage), "is 0, expected 1 or more", new() { MasksPerImage = 0 } },
        { nameof(TrainingOptions.BatchesAhead), "is 0, expected 1 or more", new() { BatchesAhead = 0 } },
        { nameof(TrainingOptions.LogInterval), "is 0, expected 1 or more", new() { LogInterval = 0 } },
        { nameof(TrainingOptions.CheckpointInterval), "is 0, expected 1 or more", new() { CheckpointInterval = 0 } },
        { nameof(TrainingOptions.ValidationInterval), "is 0, expected 1 or more", new() { ValidationInterval = 0 } },
        { nameof(TrainingOptions.ValidationImages), "is 0, expected 1 or more", new() { ValidationImages = 0 } },
        { nameof(TrainingOptions.Threads), "is 0, expected 1 or more", new() { Threads = 0 } },
        { nameof(TrainingOptions.ExactMaskShare), "is 1.5, expected 0..1", new() { ExactMaskShare = 1.5 } },
        { nameof(TrainingOptions.CropSize), "is 31, expected 32 or more", new() { CropSize = 31 } },
        { nameof(TrainingOptions.WarmupSteps), "is -1, expected 0 or more", new() { WarmupSteps = -1 } },
        { nameof(TrainingOptions.LearningRate), "is 0, expected a number above 0", new() { LearningRate = 0 } },
        { nameof(TrainingOptions.LearningRate), "is NaN, expected a number above 0", new() { LearningRate = double.NaN } },
        { nameof(TrainingOptions.FinalRate), "is 2, expected 0..1", new() { FinalRate = 2 } },
        { nameof(TrainingOptions.WeightDecay), "is -1, expected 0 or more", new() { WeightDecay = -1 } },
        { nameof(TrainingOptions.MaxGradientNorm), "is 0, expected a number above 0", new() { MaxGradientNorm = 0 } },
        { nameof(TrainingOptions.MaxGradientNorm), "is NaN, expected a number above 0", new() { MaxGradientNorm = double.NaN } },
        { nameof(TrainingOptions.AverageDecay), "is 1, expected 0 or more and below 1", new() { AverageDecay = 1 } },
    };

    [Theory]
    [MemberData(nameof(Impossible), DisableDiscoveryEnumeration = true)]
    public void An_invalid_option_is_reported_with_its_value_and_the_expected_one(string name, string message, TrainingOptions options)
        => Assert.StartsWith($"{name} {message}.", Assert.Throws<ArgumentException>(name, options.Validate).Message);

    [Fact]
    public void A_device_is_needed() => Assert.Throws<ArgumentNullException>(() => new TrainingOptions { Device = null! }.Validate());
}
