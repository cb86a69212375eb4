using Spn.Imaging;
using Spn.Refinement;
using TorchSharp;

namespace Spn;

/// <summary>Refines coarse masks so that they follow an image's edges. Made by <see cref="SpnRefiner.Configure"/>; any number of threads may share one.</summary>
/// <remarks>
/// Every call checks its input before it works, and leaves the refiner usable when it throws:
/// <see cref="ArgumentException"/> for what the caller passed (null, sizes that do not fit, values that are NaN or outside 0..1, a folder),
/// <see cref="FileNotFoundException"/>, and <see cref="InvalidDataException"/> for what a file holds (no picture, cut off, too many pixels).
/// A device with too little memory for all masks at once gets fewer at a time; for too large an image it is an <see cref="InsufficientMemoryException"/>.
/// </remarks>
public sealed class Refiner : IDisposable
{
    private readonly TiledPipeline _pipeline;
    private readonly long _pixelLimit;
    private readonly float? _hardThreshold;
    private readonly double? _changeBand;
    private volatile bool _disposed;

    internal Refiner(TiledPipeline pipeline, long pixelLimit, float? hardThreshold, double? changeBand)
        => (_pipeline, _pixelLimit, _hardThreshold, _changeBand) = (pipeline, pixelLimit, hardThreshold, changeBand);

    /// <summary>Where the work is done.</summary>
    public torch.Device Device => _pipeline.Device;

    /// <summary>Refines one mask.</summary>
    /// <param name="image">The picture to follow.</param>
    /// <param name="coarseMask">The mask; it may be smaller than the image, with the same proportions to within one of its pixels.</param>
    /// <returns>A mask of the image's size; soft unless the refiner was built <see cref="RefinerBuilder.WithHardOutput"/>.</returns>
    /// <exception cref="ArgumentException">An argument is null or does not fit.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A file is no picture, cut off, or too large.</exception>
    /// <exception cref="InsufficientMemoryException">The device has too little memory free for this image.</exception>
    public Mask Refine(ImageInput image, MaskInput coarseMask) => Refine(image, coarseMask, new Stages(Device), out _);

    /// <summary>Refines one mask and tells where the time went and how much of the mask changed.</summary>
    /// <param name="image">The picture to follow.</param>
    /// <param name="coarseMask">The mask.</param>
    /// <param name="report">The time of each stage, and the change.</param>
    /// <inheritdoc cref="Refine(ImageInput, MaskInput)"/>
    public Mask Refine(ImageInput image, MaskInput coarseMask, out RefineReport report)
        => Refine(image, coarseMask, new Stages(Device, measured: true), out report);

    /// <summary>
    /// Refines one mask on a pool thread. A stream or borrowed memory must stay as it is until the task completes. On Linux, images of half a megapixel and more
    /// take up to half as long again there, as glibc reuses large maps' memory on the main thread only.
    /// </summary>
    /// <param name="image">The picture to follow.</param>
    /// <param name="coarseMask">The mask.</param>
    /// <param name="cancellation">Stops the work at the next border between reading, guidance and propagation.</param>
    /// <inheritdoc cref="Refine(ImageInput, MaskInput)"/>
    public Task<Mask> RefineAsync(ImageInput image, MaskInput coarseMask, CancellationToken cancellation = default)
        => RefineAsync(image, coarseMask, progress: null, cancellation);

    /// <summary>Refines one mask on a pool thread, and tells how far it is. A stream or borrowed memory must stay as it is until the task completes.</summary>
    /// <param name="image">The picture to follow.</param>
    /// <param name="coarseMask">The mask.</param>
    /// <param name="progress">Told at each border between the stages; <see langword="null"/> tells nobody.</param>
    /// <param name="cancellation">Stops the work at the next such border.</param>
    /// <inheritdoc cref="Refine(ImageInput, MaskInput)"/>
    public Task<Mask> RefineAsync(ImageInput image, MaskInput coarseMask, IProgress<RefineProgress>? progress, CancellationToken cancellation = default)
    {
        Require(image, coarseMask, nameof(coarseMask));
        return Task.Run(() => Refine(image, coarseMask, new Stages(Device, progress: progress, cancellation: cancellation), out _), cancellation);
    }

    /// <summary>Refines a sequence, lazily and in order: each pair is read when its result is asked for, so any length fits in memory.</summary>
    /// <param name="pairs">Images with their coarse masks.</param>
    /// <param name="progress">Told how far each pair is, as it is worked on; <see langword="null"/> (default) tells nobody.</param>
    /// <returns>One mask a pair. A pair that does not fit throws when its turn comes.</returns>
    /// <exception cref="ArgumentNullException">The sequence is null.</exception>
    public IEnumerable<Mask> RefineMany(IEnumerable<(ImageInput Image, MaskInput CoarseMask)> pairs, IProgress<RefineProgress>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return pairs.Select((pair, i) => Refine(pair.Image, pair.CoarseMask, new Stages(Device, progress: progress, image: i), out _));
    }

    /// <summary>Refines all labels together, from one look at the image.</summary>
    /// <param name="image">The picture to follow.</param>
    /// <param name="coarseLabels">The labels; 255 is void and stays void.</param>
    /// <returns>The likeliest label of every pixel at the image's size, of the labels given, with the same palette.</returns>
    /// <inheritdoc cref="Refine(ImageInput, MaskInput)"/>
    public LabelMap Refine(ImageInput image, LabelMap coarseLabels)
    {
        Require(image, coarseLabels, nameof(coarseLabels));
        PixelLimit.Check(nameof(coarseLabels), coarseLabels.Width, coarseLabels.Height, _pixelLimit);
        LabelClasses classes = new(coarseLabels);
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable noGradient = torch.no_grad();
        torch.Tensor pixels = ToDevice(image.LoadOne(_pixelLimit));
        RequireRoom(nameof(coarseLabels), classes.Count, coarseLabels.Labels.Length, pixels);
        torch.Tensor maps = Fit(nameof(coarseLabels), classes.ToMaps(), pixels);
        torch.Tensor coarse = classes.WithoutVoid(maps);
        return classes.ToLabelMap(classes.Count > 0 ? Run(pixels, coarse, shared: true, new Stages(Device)) : coarse, maps);
    }

    /// <summary>Refines all classes together, from one look at the image.</summary>
    /// <param name="image">The picture to follow.</param>
    /// <param name="coarseClasses">A probability for every class and pixel.</param>
    /// <returns>The classes at the image's size, always soft, summing to 1 at every pixel.</returns>
    /// <inheritdoc cref="Refine(ImageInput, MaskInput)"/>
    public ClassProbabilities Refine(ImageInput image, ClassProbabilities coarseClasses)
    {
        Require(image, coarseClasses, nameof(coarseClasses));
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable noGradient = torch.no_grad();
        torch.Tensor refined = RunClasses(image, coarseClasses);
        return new ClassProbabilities(coarseClasses.Classes, (int)refined.shape[3], (int)refined.shape[2], Mask.ToArray(refined));
    }

    /// <summary>Refines tensors to a tensor: any number of independent masks of one image, or of N images.</summary>
    /// <typeparam name="TImage"><see cref="torch.Tensor"/>. Type parameters, because arrays and numbers convert to a tensor by themselves, but never to a type parameter.</typeparam>
    /// <typeparam name="TMasks"><see cref="torch.Tensor"/>.</typeparam>
    /// <param name="image"><c>[3, H, W]</c> or <c>[N, 3, H, W]</c>, RGB, floating point in 0..1 or uint8, any device.</param>
    /// <param name="coarseMasks"><c>[h, w]</c>, <c>[K, h, w]</c> or <c>[N, K, h, w]</c>, floating point in 0..1, uint8 in 0..255 or bool, any device.</param>
    /// <returns>As many maps at the image's size in 0..1, of the masks' rank, on their device; of their type where it is floating point, else float32. Without gradient.</returns>
    /// <inheritdoc cref="Refine(ImageInput, MaskInput)"/>
    public torch.Tensor Refine<TImage, TMasks>(TImage image, TMasks coarseMasks)
        where TImage : torch.Tensor where TMasks : torch.Tensor
        => Refine(image, coarseMasks, nameof(coarseMasks), areClasses: false);

    /// <summary>Refines tensors of class probabilities to a tensor: the K classes share each pixel, and sum to 1 again.</summary>
    /// <inheritdoc cref="Refine{TImage, TMasks}(TImage, TMasks)"/>
    /// <param name="image"><c>[3, H, W]</c> or <c>[N, 3, H, W]</c>, RGB, floating point in 0..1 or uint8, any device.</param>
    /// <param name="coarseClasses"><c>[K, h, w]</c> or <c>[N, K, h, w]</c>, floating point in 0..1, any device.</param>
    public torch.Tensor RefineClasses<TImage, TClasses>(TImage image, TClasses coarseClasses)
        where TImage : torch.Tensor where TClasses : torch.Tensor
        => Refine(image, coarseClasses, nameof(coarseClasses), areClasses: true);

    /// <summary>
    /// A picture of what the image lets through: how much of a mask at one place reaches every other. It is the difference that a small disc on a
    /// flat mask of 0.5 makes, for any guidance.
    /// </summary>
    /// <param name="image">The picture to follow.</param>
    /// <param name="x">The place's column, 0 at the left.</param>
    /// <param name="y">Its row, 0 at the top.</param>
    /// <returns>The affinity to that place, relative to the largest, in 0..1, at the image's size; all 0 for guidance that ignores the mask.</returns>
    /// <exception cref="ArgumentException">The image is null or does not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The place is outside the image.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A file is no picture, cut off, or too large.</exception>
    public Mask Affinity(ImageInput image, int x, int y)
    {
        Require(image);
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable noGradient = torch.no_grad();
        torch.Tensor pixels = ToDevice(image.LoadOne(_pixelLimit));
        (int width, int height) = ((int)pixels.shape[3], (int)pixels.shape[2]);
        RequireInside(x, width, nameof(x));
        RequireInside(y, height, nameof(y));
        torch.Tensor refined = _pipeline.Run(pixels, Impulse.Masks(width, height, x, y).to(Device), new Stages(Device));
        return Mask.FromTensor(Impulse.Response(refined));
    }

    /// <summary>Ends the refiner's use; calls under way finish. Guidance that was given stays its owner's.</summary>
    public void Dispose() => _disposed = true;

    private Mask Refine(ImageInput image, MaskInput coarseMask, Stages stages, out RefineReport report)
    {
        Require(image, coarseMask, nameof(coarseMask));
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable noGradient = torch.no_grad();
        torch.Tensor pixels = ToDevice(image.LoadOne(_pixelLimit)), fitted = Fit(nameof(coarseMask), coarseMask.LoadOne(_pixelLimit), pixels);
        torch.Tensor refined = Run(pixels, fitted, shared: false, stages);
        Mask mask = Mask.FromTensor(refined);
        if (_hardThreshold is float threshold)
            mask = mask.Threshold(threshold);
        stages.End(Stage.Output);
        report = stages.Measured ? RefineReport.Of(stages, fitted, refined, _hardThreshold ?? 0.5f) : default;
        return mask;
    }

    private torch.Tensor Refine(torch.Tensor image, torch.Tensor coarse, string coarseArgument, bool areClasses)
    {
        Require(image, coarse, coarseArgument);
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable noGradient = torch.no_grad();
        torch.Tensor pixels = ToDevice(TensorPixels.Image("image", image, _pixelLimit));
        torch.Tensor masks = TensorPixels.Masks(coarseArgument, coarse, _pixelLimit);
        torch.Tensor refined = Run(pixels, Fit(coarseArgument, masks, pixels), areClasses, new Stages(Device));
        if (areClasses)
        {
            refined = SumToOne(pixels, refined);
        }
        else if (_hardThreshold is float limit)
        {
            using torch.Tensor threshold = torch.tensor(limit, device: Device);
            refined = refined.ge(threshold);
        }
        torch.Tensor typed = refined.to(coarse.is_floating_point() ? coarse.dtype : torch.float32, coarse.device);
        long[] rank = [.. typed.shape[^(int)coarse.dim()..]];
        return typed.reshape(rank).MoveToOuterDisposeScope();
    }

    /// <summary>All that the result does not need goes with the scope, before it is copied into managed memory.</summary>
    private torch.Tensor RunClasses(ImageInput image, ClassProbabilities coarseClasses)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor pixels = ToDevice(image.LoadOne(_pixelLimit));
        RequireRoom(nameof(coarseClasses), coarseClasses.Classes, (long)coarseClasses.Width * coarseClasses.Height, pixels);
        torch.Tensor coarse = coarseClasses.ToTensor(_pixelLimit), refined = Run(pixels, Fit(nameof(coarseClasses), coarse, pixels), shared: true, new Stages(Device));
        return SumToOne(pixels, refined).MoveToOuterDisposeScope();
    }

    /// <param name="pixels"><c>[N, 3, H, W]</c>.</param>
    /// <param name="masks"><c>[N, K, H, W]</c>.</param>
    /// <param name="shared">The K maps share each pixel.</param>
    /// <param name="stages">Told when a pass ends.</param>
    private torch.Tensor Run(torch.Tensor pixels, torch.Tensor masks, bool shared, Stages stages)
    {
        torch.Tensor refined = _pipeline.Run(pixels, masks, stages);
        return _changeBand is double band
            ? DeviceMemory.Require("Limiting the change", pixels, Device, () => ChangeLimit.Apply(refined, masks, band, shared))
            : refined;
    }

    private torch.Tensor ToDevice(torch.Tensor image) => DeviceMemory.Require("Bringing the pixels there", image, Device, () => image.to(Device));

    private torch.Tensor Fit(string argument, torch.Tensor masks, torch.Tensor pixels)
        => DeviceMemory.Require("Bringing the masks there", pixels, Device, () => MaskFit.ToImage(argument, masks.to(Device), pixels));

    private torch.Tensor SumToOne(torch.Tensor pixels, torch.Tensor maps)
        => DeviceMemory.Require("The classes' sum", pixels, Device, () => Pipeline.SumToOne(maps));

    private void Require(object? image, object? coarse, string coarseArgument)
    {
        Require(image);
        ArgumentNullException.ThrowIfNull(coarse, coarseArgument);
    }

    private void Require(object? image)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(image);
    }

    private static void RequireInside(int place, int size, string argument)
    {
        if (place < 0 || place >= size)
            throw new ArgumentOutOfRangeException(argument, place, $"{argument} is {place}; expected 0..{size - 1}, a pixel of the image.");
    }

    /// <summary>All classes are in memory at once, at their own size and at the image's.</summary>
    private static void RequireRoom(string argument, long classes, long coarsePixels, torch.Tensor image)
    {
        long each = Math.Max(coarsePixels, image.shape[2] * image.shape[3]);
        if (classes * each > PixelLimit.Most)
            throw new ArgumentException($"{argument}: {classes:N0} classes of {each:N0} pixels came; expected at most {PixelLimit.Most:N0} values in all.", argument);
    }
}
