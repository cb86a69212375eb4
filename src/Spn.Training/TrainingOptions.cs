using System.Globalization;
using TorchSharp;

namespace Spn.Training;

/// <summary>How a <see cref="Trainer"/> trains. The defaults suit a CPU with one or two cores.</summary>
public sealed record TrainingOptions
{
    /// <summary>Optimiser steps from the start to the schedule's end. Default 20,000.</summary>
    public int Steps { get; init; } = 20_000;

    /// <summary>Images a step. Default 8.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>Coarse masks of each image. The guidance network sees the image once for all of them. Default 2.</summary>
    public int MasksPerImage { get; init; } = 2;

    /// <summary>Height and width of a training sample, in pixels. Default 160.</summary>
    public int CropSize { get; init; } = 160;

    /// <summary>Decides all that is random in the samples. Default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>AdamW's largest rate, after the warm-up. Default 0.002.</summary>
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>Steps in which the rate rises from 0. Default 200.</summary>
    public int WarmupSteps { get; init; } = 200;

    /// <summary>What the cosine falls to in the end, as a share of <see cref="LearningRate"/>. Default 0.005.</summary>
    public double FinalRate { get; init; } = 0.005;

    /// <summary>AdamW's decoupled decay of weights, not of biases and normalisation: each step takes rate · decay of them. Default 0.01.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Gradients of a larger norm, over all parameters, are scaled down to it. Default 1.</summary>
    public double MaxGradientNorm { get; init; } = 1;

    /// <summary>Share of the running average that stays each step; the average is what is validated and saved. Default 0.999.</summary>
    public double AverageDecay { get; init; } = 0.999;

    /// <summary>Where the model is trained. Default the CPU.</summary>
    public torch.Device Device { get; init; } = torch.CPU;

    /// <summary>Threads of libtorch and the propagation on the CPU, set for the whole process; <see langword="null"/> (default) leaves them as they are.</summary>
    public int? Threads { get; init; }

    /// <summary>Batches made ahead on the thread pool, 1 or more. Default 2.</summary>
    public int BatchesAhead { get; init; } = 2;

    /// <summary>
    /// Where <c>model.safetensors</c> (the averaged model), <c>checkpoint.safetensors</c> (all that resuming needs), <c>log.csv</c> and
    /// <c>loss.png</c> go; <see langword="null"/> (default) writes nothing.
    /// </summary>
    public string? Folder { get; init; }

    /// <summary>Steps between progress reports and lines of the log. Default 50.</summary>
    public int LogInterval { get; init; } = 50;

    /// <summary>Steps between checkpoints. Default 500.</summary>
    public int CheckpointInterval { get; init; } = 500;

    /// <summary>Steps between validations. Default 1000.</summary>
    public int ValidationInterval { get; init; } = 1000;

    /// <summary>Images in a validation, each with one coarse mask. Default 24.</summary>
    public int ValidationImages { get; init; } = 24;

    /// <summary>The rate at a step, 0 for the first: linear warm-up, then a cosine to the end.</summary>
    internal double RateAt(int step)
    {
        if (step < WarmupSteps)
            return LearningRate * (step + 1) / WarmupSteps;
        double done = (double)(step - WarmupSteps) / Math.Max(1, Steps - WarmupSteps);
        return LearningRate * (FinalRate + (1 - FinalRate) * 0.5 * (1 + Math.Cos(Math.PI * Math.Min(done, 1))));
    }

    /// <summary>What decides a training's course, whatever the machine: a checkpoint goes on with the same only.</summary>
    internal Dictionary<string, string> ToMetadata() => new (string Name, IFormattable Value)[]
        {
            (nameof(Steps), Steps), (nameof(BatchSize), BatchSize), (nameof(MasksPerImage), MasksPerImage), (nameof(CropSize), CropSize), (nameof(Seed), Seed),
            (nameof(LearningRate), LearningRate), (nameof(WarmupSteps), WarmupSteps), (nameof(FinalRate), FinalRate), (nameof(WeightDecay), WeightDecay),
            (nameof(MaxGradientNorm), MaxGradientNorm), (nameof(AverageDecay), AverageDecay),
        }
        .ToDictionary(option => $"spn.training.option.{option.Name}", option => option.Value.ToString(null, CultureInfo.InvariantCulture));

    /// <exception cref="ArgumentException">Which value, what it is, and what was expected.</exception>
    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Device);
        foreach ((string name, int value) in new[]
                 {
                     (nameof(Steps), Steps), (nameof(BatchSize), BatchSize), (nameof(MasksPerImage), MasksPerImage),
                     (nameof(BatchesAhead), BatchesAhead), (nameof(LogInterval), LogInterval), (nameof(CheckpointInterval), CheckpointInterval),
                     (nameof(ValidationInterval), ValidationInterval), (nameof(ValidationImages), ValidationImages), (nameof(Threads), Threads ?? 1),
                 })
            Require(value >= 1, name, value, "1 or more");
        Require(CropSize >= 32, nameof(CropSize), CropSize, "32 or more");
        Require(WarmupSteps >= 0, nameof(WarmupSteps), WarmupSteps, "0 or more");
        Require(LearningRate > 0 && double.IsFinite(LearningRate), nameof(LearningRate), LearningRate, "a number above 0");
        Require(FinalRate is >= 0 and <= 1, nameof(FinalRate), FinalRate, "0..1");
        Require(WeightDecay >= 0 && double.IsFinite(WeightDecay), nameof(WeightDecay), WeightDecay, "0 or more");
        Require(MaxGradientNorm > 0, nameof(MaxGradientNorm), MaxGradientNorm, "a number above 0");
        Require(AverageDecay is >= 0 and < 1, nameof(AverageDecay), AverageDecay, "0 or more and below 1");
    }

    private static void Require(bool holds, string name, object value, string expected)
    {
        if (!holds)
            throw new ArgumentException($"{name} is {value}, expected {expected}.", name);
    }
}
