using Spn.Imaging;
using Spn.Refinement;

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
        return Work(new Stages(), stages => RefineLabels(image, coarseLabels, stages)).Result;
    }

    /// <summary>Refines all labels together, and reports where the time went and how many labels changed.</summary>
    /// <param name="image">The image whose edges the labels shall follow.</param>
    /// <param name="coarseLabels">The labels.</param>
    /// <param name="report">The time of each stage, and the change.</param>
    /// <inheritdoc cref="Refine(ImageInput, LabelMap)"/>
    public LabelMap Refine(ImageInput image, LabelMap coarseLabels, out RefineReport report)
    {
        Require(image, coarseLabels, nameof(coarseLabels));
        (LabelMap labels, report) = Work(new Stages(measured: true), stages => RefineLabels(image, coarseLabels, stages));
        return labels;
    }

    /// <summary>Refines all classes together; the image is processed once.</summary>
    /// <remarks>
    /// With a trained model the classes compete: a class that is the most likely one at no pixel takes no part, so that it cannot grow
    /// into an object.
    /// </remarks>
    /// <param name="image">The image whose edges the classes shall follow.</param>
    /// <param name="coarseClasses">A probability for every class and pixel.</param>
    /// <returns>The classes at the image's size, always soft, summing to 1 at every pixel. A class that is 0 everywhere stays 0.</returns>
    /// <inheritdoc cref="Refine(ImageInput, MaskInput)"/>
    public ClassProbabilities Refine(ImageInput image, ClassProbabilities coarseClasses)
    {
        Require(image, coarseClasses, nameof(coarseClasses));
        return Work(new Stages(), stages => RefineClasses(image, coarseClasses, stages)).Result;
    }

    /// <summary>Refines all classes together, and reports where the time went and how much changed.</summary>
    /// <param name="image">The image whose edges the classes shall follow.</param>
    /// <param name="coarseClasses">A probability for every class and pixel.</param>
    /// <param name="report">The time of each stage, and the change.</param>
    /// <inheritdoc cref="Refine(ImageInput, ClassProbabilities)"/>
    public ClassProbabilities Refine(ImageInput image, ClassProbabilities coarseClasses, out RefineReport report)
    {
        Require(image, coarseClasses, nameof(coarseClasses));
        (ClassProbabilities classes, report) = Work(new Stages(measured: true), stages => RefineClasses(image, coarseClasses, stages));
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
        PixelLimit.Check(new InputName(nameof(coarseLabels), "the label map"), coarseLabels.Width, coarseLabels.Height, _settings.PixelLimit);
        LabelClasses classes = new(coarseLabels);
        using Planes pixels = Read(image, classes.Count);
        Require(nameof(coarseLabels), classes.Count, coarseLabels.Width, coarseLabels.Height, pixels);
        using Planes coarse = classes.ToMaps(pixels.Width, pixels.Height), refined = new(classes.Count, pixels.Height, pixels.Width);
        Run(pixels, coarse, MapKind.Labels, refined, stages);
        LabelMap labels = classes.ToLabelMap(refined);
        stages.End(Stage.Output);
        return new(labels, stages.Measured ? RefineReport.Of(stages, coarse, refined, threshold: null) : default);
    }

    private Refined<ClassProbabilities> RefineClasses(ImageInput image, ClassProbabilities coarseClasses, Stages stages)
    {
        PixelLimit.Check(new InputName(nameof(coarseClasses), "the map"), coarseClasses.Width, coarseClasses.Height, _settings.PixelLimit);
        using Planes pixels = Read(image, coarseClasses.Classes);
        Require(nameof(coarseClasses), coarseClasses.Classes, coarseClasses.Width, coarseClasses.Height, pixels);
        using Planes coarse = coarseClasses.ToPlanes(nameof(coarseClasses), pixels.Width, pixels.Height);
        float[] result = GC.AllocateUninitializedArray<float>(coarse.Count * coarse.Pixels);
        using Planes refined = new(result, coarse.Count, coarse.Height, coarse.Width);
        Run(pixels, coarse, MapKind.Classes, refined, stages);
        ClassShares.SumToOne(refined, coarse);
        ClassProbabilities classes = new(coarse.Count, coarse.Width, coarse.Height, result);
        stages.End(Stage.Output);
        return new(classes, stages.Measured ? RefineReport.Of(stages, coarse, refined, threshold: null) : default);
    }

    /// <summary>All classes are in memory together, and fit the image.</summary>
    private static void Require(string argument, int classes, int width, int height, Planes image)
    {
        long each = Math.Max((long)width * height, image.Pixels);
        if (classes * each > PixelLimit.Max)
        {
            throw InputProblem.ForArgument(
                new InputName(argument),
                $"expected at most {PixelLimit.Max:N0} values in total, got {classes:N0} classes of {each:N0} pixels.");
        }
        MaskPlane.RequireProportions(argument, width, height, image.Width, image.Height);
    }
}
