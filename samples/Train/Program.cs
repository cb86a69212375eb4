using System.Globalization;
using Spn.Models;
using Spn.Torch;
using Spn.Training;
using TorchSharp;
using Train;

if (Arguments.Parse(args) is not Arguments given)
    return 2;

try
{
    // Create the output folder now, so that a bad path fails before hours of training.
    Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(given.Out))!);
    return given.Release is null ? Learn() : Release(given.Release);
}
catch (Exception refusal) when (refusal is ArgumentException or IOException or InvalidDataException or InvalidOperationException
    or UnauthorizedAccessException or InsufficientMemoryException or DllNotFoundException)
{
    Console.Error.WriteLine(refusal.Message);
    return 2;
}

int Release(string trained)
{
    SpnModule model = SpnModule.Load(trained);
    if (given.Mix is not null)
    {
        using SpnModule before = SpnModule.Load(given.Mix), after = model;
        model = ModelMixing.Mix(before, after, given.Share);
    }
    using SpnModule released = model;
    ModelRelease.Write(released, given.Out, given.Keep, given.Mirrored, given.About);
    Console.WriteLine($"wrote {Path.GetFullPath(given.Out)}");
    return 0;
}

int Learn()
{
    torch.manual_seed(given.Seed);
    using SpnModule model = Start();
    ILabeledImages images = new CachedImages(new SceneGenerator((ulong)given.Seed), given.ScenePool);
    ILabeledImages? validation = null;
    int count = 0;
    if (given.Photos.Length > 0)
    {
        (ILabeledImages photos, count) = Read(given.Photos, given.Split, "train", "exemplars", given.RealMasks);
        (validation, _) = Read(given.Validation ?? given.Photos, given.ValidationSplit, "val", "tuning");
        if (given.Layout == "--photos" && (given.Validation ?? given.Photos) == given.Photos && given.ValidationSplit == given.Split)
            Console.WriteLine("no separate validation photos: the reported IoU and mBA are measured on training photos");
        float share = 1 - given.Scenes;
        images = new MixedImages(
            (photos, share * (1 - given.Pasted)), (new PastedObjects(photos, (ulong)given.Seed), share * given.Pasted),
            (images, given.Scenes));
    }

    using var trainer = new Trainer(model, images, validation, new TrainingOptions
    {
        Steps = given.Steps,
        BatchSize = given.Batch,
        MasksPerImage = given.Masks,
        RealMaskShare = given.RealShare,
        CropSize = given.View,
        LearningRate = given.Rate,
        Threads = given.Threads,
        Device = torch.device(given.Device),
        Folder = given.Run,
        Seed = (ulong)given.Seed,
    });
    Console.WriteLine($"{model.parameters().Sum(p => p.numel()):N0} parameters, {count} masks, {given.Steps} steps");
    if (given.Resume && trainer.Resume())
        Console.WriteLine($"resumed at step {trainer.Step}");

    using var stop = new CancellationTokenSource();
    Console.CancelKeyPress += (_, e) =>
    {
        e.Cancel = true;
        stop.Cancel();
    };
    try
    {
        trainer.Run(new ConsoleReport(), stop.Token);
    }
    catch (OperationCanceledException)
    {
        Console.WriteLine($"stopped at step {trainer.Step}; continue with --resume");
        return 1;
    }
    trainer.Averaged.Save(given.Out);
    Console.WriteLine($"wrote {Path.GetFullPath(given.Out)}");
    return 0;
}

SpnModule Start()
{
    if (given.From is null)
        return new SpnModule(given.Apply(SpnConfiguration.Fast));
    SpnModule from = SpnModule.Load(given.From);
    SpnConfiguration wanted = given.Apply(from.Configuration);
    if (wanted == from.Configuration)
        return from;
    using (from)
        return ModelWidening.Widen(from, wanted);
}

// A plain folder has few photos, which stay in memory; the photos of a dataset are read every time.
(ILabeledImages Images, int Count) Read(string folder, string? split, string vocSplit, string helenSplit, string? realMasks = null)
{
    switch (given.Layout)
    {
        case "--voc":
            var voc = new VocFolder(folder, split ?? vocSplit);
            return (voc, voc.Count);
        case "--helen":
            var helen = new HelenFolder(folder, split ?? helenSplit);
            return (helen, helen.Count);
        default:
            var photos = new ImageFolder(folder, split, realMasks, given.Networks);
            return (new CachedImages(photos, photos.Count), photos.Count);
    }
}

/// <summary>Prints each report immediately, in order.</summary>
internal sealed class ConsoleReport : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress p)
    {
        ValidationResult? v = p.Validation;
        string figures = v is null ? "" : FormattableString.Invariant(
            $"   IoU {100 * v.CoarseIoU:F2} -> {100 * v.IoU:F2}, mBA {100 * v.CoarseBoundaryAccuracy:F2} -> {100 * v.BoundaryAccuracy:F2}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{p.Step,7}/{p.Steps}   loss {p.Loss:F4}   rate {p.LearningRate:E1}   gradient {p.GradientNorm:F2}   " +
            $"{p.StepTime.TotalMilliseconds:F0} ms/step   {p.Remaining:hh\\:mm\\:ss} left{figures}"));
    }
}
