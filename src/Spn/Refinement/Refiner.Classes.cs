using Spn.Imaging;
using Spn.Refinement;
using TorchSharp;

namespace Spn;

/// <content>Label maps and class probabilities, whose classes share each pixel.</content>
public sealed partial class Refiner
{
    /// <summary>Refines all labels together; the image is processed once.</summary>
    /// <param name="image">The image whose edges the labels shall follow.</param>
    /// <param name="coarseLabels">The labels; pixels of its <see cref="LabelMap.VoidLabel"/> stay void.</param>
    /// <returns>The most likely label of every pixel at the image's size, of the labels given, with the same palette.</returns>
    /// <inheritdoc cref="Refine(ImageInput, MaskInput)"/>
    public LabelMap Refine(ImageInput image, LabelMap coarseLabels)
    {
        Require(image, coarseLabels, nameof(coarseLabels));
        return RefineLabels(image, coarseLabels, new Stages(Device)).Result;
    }

    /// <summary>Refines all labels together, and reports where the time went and how many labels changed.</summary>
    /// <param name="image">The image whose edges the labels shall follow.</param>
    /// <param name="coarseLabels">The labels.</param>
    /// <param name="report">The time of each stage, and the change.</param>
    /// <inheritdoc cref="Refine(ImageInput, LabelMap)"/>
    public LabelMap Refine(ImageInput image, LabelMap coarseLabels, out RefineReport report)
    {
        Require(image, coarseLabels, nameof(coarseLabels));
        (LabelMap labels, report) = RefineLabels(image, coarseLabels, new Stages(Device, measured: true));
        return labels;
    }

    /// <summary>Refines all classes together; the image is processed once.</summary>
    /// <param name="image">The image whose edges the classes shall follow.</param>
    /// <param name="coarseClasses">A probability for every class and pixel.</param>
    /// <returns>The classes at the image's size, always soft, summing to 1 at every pixel. A class that is 0 everywhere stays 0.</returns>
    /// <inheritdoc cref="Refine(ImageInput, MaskInput)"/>
    public ClassProbabilities Refine(ImageInput image, ClassProbabilities coarseClasses)
    {
        Require(image, coarseClasses, nameof(coarseClasses));
        return RefineClasses(image, coarseClasses, new Stages(Device)).Result;
    }

    /// <summary>Refines all classes together, and reports where the time went and how much changed.</summary>
    /// <param name="image">The image whose edges the classes shall follow.</param>
    /// <param name="coarseClasses">A probability for every class and pixel.</param>
    /// <param name="report">The time of each stage, and the change.</param>
    /// <inheritdoc cref="Refine(ImageInput, ClassProbabilities)"/>
    public ClassProbabilities Refine(ImageInput image, ClassProbabilities coarseClasses, out RefineReport report)
    {
        Require(image, coarseClasses, nameof(coarseClasses));
        (ClassProbabilities classes, report) = RefineClasses(image, coarseClasses, new Stages(Device, measured: true));
        return classes;
    }

    /// <summary>Refines all labels together on a pool thread.</summary>
    /// <param name="image">The image whose edges the labels shall follow.</param>
    /// <param name="coarseLabels">The labels.</param>
    /// <param name="cancellation">Stops the work at the next boundary between stages.</param>
    /// <inheritdoc cref="Refine(ImageInput, LabelMap)"/>
    public Task<LabelMap> RefineAsync(ImageInput image, LabelMap coarseLabels, CancellationToken cancellation = default)
        => RefineAsync(image, coarseLabels, progress: null, cancellation);

    /// <param name="image">The image whose edges the labels shall follow.</param>
    /// <param name="coarseLabels">The labels.</param>
    /// <param name="progress">Notified when a stage ends; may be <see langword="null"/>.</param>
    /// <param name="cancellation">Stops the work at the next boundary between stages.</param>
    /// <inheritdoc cref="RefineAsync(ImageInput, LabelMap, CancellationToken)"/>
    public Task<LabelMap> RefineAsync(
        ImageInput image, LabelMap coarseLabels, IProgress<RefineProgress>? progress, CancellationToken cancellation = default)
    {
        Require(image, coarseLabels, nameof(coarseLabels));
        return ResultOf(RunAsync(image, coarseLabels, InMemory, RefineLabels, measured: false, progress, cancellation));
    }

    /// <summary>Refines all labels together on a pool thread, and reports where the time went and how many labels changed.</summary>
    /// <param name="image">The image whose edges the labels shall follow.</param>
    /// <param name="coarseLabels">The labels.</param>
    /// <param name="progress">Notified when a stage ends; may be <see langword="null"/>.</param>
    /// <param name="cancellation">Stops the work at the next boundary between stages.</param>
    /// <returns>The labels and the report.</returns>
    /// <inheritdoc cref="RefineAsync(ImageInput, LabelMap, CancellationToken)"/>
    public Task<Refined<LabelMap>> RefineWithReportAsync(
        ImageInput image, LabelMap coarseLabels, IProgress<RefineProgress>? progress = null, CancellationToken cancellation = default)
    {
        Require(image, coarseLabels, nameof(coarseLabels));
        return RunAsync(image, coarseLabels, InMemory, RefineLabels, measured: true, progress, cancellation);
    }

    /// <summary>Refines all classes together on a pool thread.</summary>
    /// <param name="image">The image whose edges the classes shall follow.</param>
    /// <param name="coarseClasses">A probability for every class and pixel.</param>
    /// <param name="cancellation">Stops the work at the next boundary between stages.</param>
    /// <inheritdoc cref="Refine(ImageInput, ClassProbabilities)"/>
    public Task<ClassProbabilities> RefineAsync(
        ImageInput image, ClassProbabilities coarseClasses, CancellationToken cancellation = default)
        => RefineAsync(image, coarseClasses, progress: null, cancellation);

    /// <param name="image">The image whose edges the classes shall follow.</param>
    /// <param name="coarseClasses">A probability for every class and pixel.</param>
    /// <param name="progress">Notified when a stage ends; may be <see langword="null"/>.</param>
    /// <param name="cancellation">Stops the work at the next boundary between stages.</param>
    /// <inheritdoc cref="RefineAsync(ImageInput, ClassProbabilities, CancellationToken)"/>
    public Task<ClassProbabilities> RefineAsync(
        ImageInput image, ClassProbabilities coarseClasses, IProgress<RefineProgress>? progress, CancellationToken cancellation = default)
    {
        Require(image, coarseClasses, nameof(coarseClasses));
        return ResultOf(RunAsync(image, coarseClasses, InMemory, RefineClasses, measured: false, progress, cancellation));
    }

    /// <summary>Refines all classes together on a pool thread, and reports where the time went and how much changed.</summary>
    /// <param name="image">The image whose edges the classes shall follow.</param>
    /// <param name="coarseClasses">A probability for every class and pixel.</param>
    /// <param name="progress">Notified when a stage ends; may be <see langword="null"/>.</param>
    /// <param name="cancellation">Stops the work at the next boundary between stages.</param>
    /// <returns>The classes and the report.</returns>
    /// <inheritdoc cref="RefineAsync(ImageInput, ClassProbabilities, CancellationToken)"/>
    public Task<Refined<ClassProbabilities>> RefineWithReportAsync(
        ImageInput image, ClassProbabilities coarseClasses, IProgress<RefineProgress>? progress = null, CancellationToken cancellation = default)
    {
        Require(image, coarseClasses, nameof(coarseClasses));
        return RunAsync(image, coarseClasses, InMemory, RefineClasses, measured: true, progress, cancellation);
    }

    private Refined<LabelMap> RefineLabels(ImageInput image, LabelMap coarseLabels, Stages stages)
    {
        PixelLimit.Check(nameof(coarseLabels), coarseLabels.Width, coarseLabels.Height, _settings.PixelLimit);
        LabelClasses classes = new(coarseLabels);
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable noGradient = torch.no_grad();
        torch.Tensor pixels = ToDevice(image.ToTensor(_settings.PixelLimit));
        RequireMemory(nameof(coarseLabels), classes.Count, coarseLabels.Labels.Length, pixels);
        torch.Tensor maps = Fit(nameof(coarseLabels), classes.ToMaps(), pixels);
        torch.Tensor coarse = classes.WithoutVoid(maps), refined = Run(pixels, coarse, areClasses: true, stages);
        LabelMap labels = classes.ToLabelMap(refined, maps);
        stages.End(Stage.Output);
        return new(labels, stages.Measured && classes.Count > 0 ? RefineReport.Of(stages, coarse, refined, threshold: null) : default);
    }

    private Refined<ClassProbabilities> RefineClasses(ImageInput image, ClassProbabilities coarseClasses, Stages stages)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable noGradient = torch.no_grad();
        (torch.Tensor refined, RefineReport report) = RunClasses(image, coarseClasses, stages);
        ClassProbabilities classes = new(coarseClasses.Classes, (int)refined.shape[3], (int)refined.shape[2], Mask.ToArray(refined));
        stages.End(Stage.Output);
        return new(classes, stages.Measured ? report with { Timings = stages.Timings } : default);
    }

    /// <summary>Everything that the result does not need is freed with the scope, before the result is copied to managed memory.</summary>
    private (torch.Tensor Refined, RefineReport Report) RunClasses(ImageInput image, ClassProbabilities coarseClasses, Stages stages)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor pixels = ToDevice(image.ToTensor(_settings.PixelLimit));
        RequireMemory(nameof(coarseClasses), coarseClasses.Classes, (long)coarseClasses.Width * coarseClasses.Height, pixels);
        torch.Tensor coarse = Fit(nameof(coarseClasses), coarseClasses.ToTensor(nameof(coarseClasses), _settings.PixelLimit), pixels);
        torch.Tensor refined = SumToOne(pixels, Run(pixels, coarse, areClasses: true, stages), coarse);
        RefineReport report = stages.Measured ? RefineReport.Of(stages, coarse, refined, threshold: null) : default;
        return (refined.MoveToOuterDisposeScope(), report);
    }

    private torch.Tensor Fit(string argument, torch.Tensor masks, torch.Tensor pixels)
        => DeviceMemory.Require("Copying the masks to the device", pixels, Device, () => TensorFit.ToImage(argument, masks.to(Device), pixels));

    private torch.Tensor SumToOne(torch.Tensor pixels, torch.Tensor maps, torch.Tensor coarse)
        => DeviceMemory.Require("Normalizing the classes", pixels, Device, () => Pipeline.SumToOne(maps, coarse));

    /// <summary>All classes are in memory together, at their own size and at the image's.</summary>
    private static void RequireMemory(string argument, long classes, long coarsePixels, torch.Tensor image)
    {
        long each = Math.Max(coarsePixels, image.shape[2] * image.shape[3]);
        if (classes * each > PixelLimit.Max)
            throw new ArgumentException($"{argument}: expected at most {PixelLimit.Max:N0} values in total, got {classes:N0} classes of {each:N0} pixels.", argument);
    }
}
