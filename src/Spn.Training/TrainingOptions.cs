using System.Globalization;
using TorchSharp;

namespace Spn.Training;

/// <summary>
/// Options of a <see cref="Trainer"/>. The defaults suit a CPU with one or two cores. Immutable and therefore thread-safe.
/// </summary>
public sealed record TrainingOptions
{
    /// <summary>The total number of optimizer steps, 1 or more. Default: 20,000.</summary>
    public int Steps { get; init; } = 20_000;

    /// <summary>Images per step, 1 or more. Default: 8.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>
    /// Coarse masks per image, 1 or more. The guidance network processes the image once for all of them. Default: 2.
    /// </summary>
    public int MasksPerImage { get; init; } = 2;

    /// <summary>
    /// The share of the coarse masks that are exact, 0..1. More of them make a model more careful with masks that are right. Default: 0.2.
    /// </summary>
    public double ExactMaskShare { get; init; } = CoarseMasks.ExactShare;

    /// <summary>
    /// The share of an image's masks of real networks (<see cref="LabeledImage.RealMasks"/>) among its inexact coarse masks, 0..1. The
    /// others are generated. Default: 0.5.
    /// </summary>
    public double RealMaskShare { get; init; } = CoarseMasks.RealShare;

    /// <summary>
    /// The share of the inexact coarse masks that are made harder for the model as it is at that step, 0..1: moved by up to 7 pixels, and
    /// with their confidence changed. Above 0, a step takes about twice as long. Default: 0.
    /// </summary>
    public double AdversarialShare { get; init; }

    /// <summary>Height and width of a training sample in pixels, 32 or more. Default: 160.</summary>
    public int CropSize { get; init; } = 160;

    /// <summary>The random seed of the samples. Default: 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The maximum learning rate, after the warm-up; above 0. Default: 0.002.</summary>
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>Number of steps in which the learning rate rises linearly from 0; 0 or more. Default: 200.</summary>
    public int WarmupSteps { get; init; } = 200;

    /// <summary>
    /// The learning rate at the end of the cosine schedule, as a fraction of <see cref="LearningRate"/>, 0..1. Default: 0.005.
    /// </summary>
    public double FinalRate { get; init; } = 0.005;

    /// <summary>
    /// The decoupled weight decay of AdamW, 0 or more: each step subtracts rate · decay · weight. It does not apply to biases and
    /// normalisation parameters. Default: 0.01.
    /// </summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>
    /// The maximum norm of the gradient over all parameters, above 0; larger gradients are scaled down to it. Default: 1.
    /// </summary>
    public double MaxGradientNorm { get; init; } = 1;

    /// <summary>
    /// The decay of the running average of the weights, 0 or more and below 1. The average is validated and saved. Default: 0.999.
    /// </summary>
    public double AverageDecay { get; init; } = 0.999;

    /// <summary>The device on which the model is trained. Default: the CPU.</summary>
    public torch.Device Device { get; init; } = torch.CPU;

    /// <summary>
    /// Number of CPU threads of libtorch and the propagation, set for the whole process; <see langword="null"/> (default) does not change
    /// it.
    /// </summary>
    public int? Threads { get; init; }

    /// <summary>Number of batches prepared ahead on the thread pool, 1 or more. Default: 2.</summary>
    public int BatchesAhead { get; init; } = 2;

    /// <summary>
    /// The folder for <c>model.safetensors</c> (the averaged model), <c>checkpoint.safetensors</c> (the state for resuming), <c>log.csv</c>
    /// and <c>loss.png</c>; <see langword="null"/> (default) writes no files.
    /// </summary>
    public string? Folder { get; init; }

    /// <summary>Steps between progress reports and log lines, 1 or more. Default: 50.</summary>
    public int LogInterval { get; init; } = 50;

    /// <summary>Steps between checkpoints, 1 or more. Default: 500.</summary>
    public int CheckpointInterval { get; init; } = 500;

    /// <summary>
    /// Steps between validations, 1 or more. Only steps with a progress report are validated, so use a multiple of
    /// <see cref="LogInterval"/>. Default: 1000.
    /// </summary>
    public int ValidationInterval { get; init; } = 1000;

    /// <summary>Images per validation, each with one coarse mask; 1 or more. Default: 24.</summary>
    public int ValidationImages { get; init; } = 24;

    /// <summary>The learning rate of a step, counted from 0: linear warm-up, then a cosine to the end.</summary>
    internal double RateAt(int step)
    {
        if (step < WarmupSteps)
            return LearningRate * (step + 1) / WarmupSteps;
        double done = (double)(step - WarmupSteps) / Math.Max(1, Steps - WarmupSteps);
        return LearningRate * (FinalRate + (1 - FinalRate) * 0.5 * (1 + Math.Cos(Math.PI * Math.Min(done, 1))));
    }

    /// <summary>
    /// The options that determine the course of a training, independent of the machine. A checkpoint requires the same values.
    /// </summary>
    internal Dictionary<string, string> ToMetadata() => new (string Name, IFormattable Value)[]
        {
            (nameof(Steps), Steps), (nameof(BatchSize), BatchSize), (nameof(MasksPerImage), MasksPerImage), (nameof(CropSize), CropSize),
            (nameof(ExactMaskShare), ExactMaskShare), (nameof(RealMaskShare), RealMaskShare), (nameof(AdversarialShare), AdversarialShare),
            (nameof(Seed), Seed),
            (nameof(LearningRate), LearningRate), (nameof(WarmupSteps), WarmupSteps), (nameof(FinalRate), FinalRate),
            (nameof(WeightDecay), WeightDecay),
            (nameof(MaxGradientNorm), MaxGradientNorm), (nameof(AverageDecay), AverageDecay),
        }
        .ToDictionary(option => $"spn.training.option.{option.Name}", option => option.Value.ToString(null, CultureInfo.InvariantCulture));

    /// <exception cref="ArgumentException">An option is out of range; the message contains its value and what was expected.</exception>
    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Device);
        foreach ((string name, int value) in new[]
                 {
                     (nameof(Steps), Steps), (nameof(BatchSize), BatchSize), (nameof(MasksPerImage), MasksPerImage),
                     (nameof(BatchesAhead), BatchesAhead), (nameof(LogInterval), LogInterval),
                     (nameof(CheckpointInterval), CheckpointInterval),
                     (nameof(ValidationInterval), ValidationInterval), (nameof(ValidationImages), ValidationImages),
                     (nameof(Threads), Threads ?? 1),
                 })
            Require(value >= 1, name, value, "1 or more");
        Require(CropSize >= 32, nameof(CropSize), CropSize, "32 or more");
        Require(ExactMaskShare is >= 0 and <= 1, nameof(ExactMaskShare), ExactMaskShare, "0..1");
        Require(RealMaskShare is >= 0 and <= 1, nameof(RealMaskShare), RealMaskShare, "0..1");
        Require(AdversarialShare is >= 0 and <= 1, nameof(AdversarialShare), AdversarialShare, "0..1");
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
