using System.Runtime.CompilerServices;
using Spn.Imaging;
using Spn.Refinement;

namespace Spn;

/// <content>Masks: one, several of one image, and sequences.</content>
public sealed partial class Refiner
{
    /// <summary>Refines one mask.</summary>
    /// <param name="image">The image whose edges the mask shall follow.</param>
    /// <param name="coarseMask">The mask; it may be smaller than the image, with the same proportions to within one of its pixels.</param>
    /// <returns>A mask of the image's size; soft unless the refiner was built <see cref="RefinerBuilder.WithHardOutput"/>.</returns>
    /// <exception cref="ArgumentException">An argument is null or does not fit.</exception>
    /// <exception cref="FileNotFoundException">A file does not exist.</exception>
    /// <exception cref="InvalidDataException">A file is not an image, truncated, or too large.</exception>
    /// <exception cref="InsufficientMemoryException">The device has too little free memory for this image.</exception>
    public Mask Refine(ImageInput image, MaskInput coarseMask)
    {
        Require(image, coarseMask, nameof(coarseMask));
        return Work(new Stages(), stages => RefineOne(image, coarseMask, stages)).Result;
    }

    /// <summary>Refines one mask and reports where the time went and how much of the mask changed.</summary>
    /// <param name="image">The image whose edges the mask shall follow.</param>
    /// <param name="coarseMask">The mask.</param>
    /// <param name="report">The time of each stage, and the change.</param>
    /// <inheritdoc cref="Refine(ImageInput, MaskInput)"/>
    public Mask Refine(ImageInput image, MaskInput coarseMask, out RefineReport report)
    {
        Require(image, coarseMask, nameof(coarseMask));
        (Mask mask, report) = Work(new Stages(measured: true), stages => RefineOne(image, coarseMask, stages));
        return mask;
    }

    /// <summary>Refines several masks of one image, which is processed once. The masks are independent and may overlap.</summary>
    /// <param name="image">The image whose edges the masks shall follow.</param>
    /// <param name="coarseMasks">
    /// The masks, each as for <see cref="Refine(ImageInput, MaskInput)"/>. An empty list gives an empty result.
    /// </param>
    /// <returns>One mask of the image's size per coarse mask, in the same order.</returns>
    /// <inheritdoc cref="Refine(ImageInput, MaskInput)"/>
    public IReadOnlyList<Mask> Refine(ImageInput image, IReadOnlyList<MaskInput> coarseMasks)
    {
        Require(image, coarseMasks);
        return Work(new Stages(), stages => RefineAll(image, coarseMasks, stages)).Result;
    }

    /// <summary>Refines several masks of one image and reports where the time went and how much of the masks changed.</summary>
    /// <param name="image">The image whose edges the masks shall follow.</param>
    /// <param name="coarseMasks">The masks.</param>
    /// <param name="report">The time of each stage, and the change.</param>
    /// <inheritdoc cref="Refine(ImageInput, IReadOnlyList{MaskInput})"/>
    public IReadOnlyList<Mask> Refine(ImageInput image, IReadOnlyList<MaskInput> coarseMasks, out RefineReport report)
    {
        Require(image, coarseMasks);
        (IReadOnlyList<Mask> masks, report) = Work(new Stages(measured: true), stages => RefineAll(image, coarseMasks, stages));
        return masks;
    }

    /// <summary>
    /// Refines one mask on a pool thread. Streams are read asynchronously; borrowed memory must stay unchanged until the task completes.
    /// </summary>
    /// <param name="image">The image whose edges the mask shall follow.</param>
    /// <param name="coarseMask">The mask.</param>
    /// <param name="cancellation">Stops the work at the next boundary between input, guidance and propagation.</param>
    /// <inheritdoc cref="Refine(ImageInput, MaskInput)"/>
    public Task<Mask> RefineAsync(ImageInput image, MaskInput coarseMask, CancellationToken cancellation = default)
        => RefineAsync(image, coarseMask, progress: null, cancellation);

    /// <param name="image">The image whose edges the mask shall follow.</param>
    /// <param name="coarseMask">The mask.</param>
    /// <param name="progress">Notified when a stage ends; may be <see langword="null"/>.</param>
    /// <param name="cancellation">Stops the work at the next boundary between stages.</param>
    /// <inheritdoc cref="RefineAsync(ImageInput, MaskInput, CancellationToken)"/>
    public Task<Mask> RefineAsync(
        ImageInput image, MaskInput coarseMask, IProgress<RefineProgress>? progress, CancellationToken cancellation = default)
    {
        Require(image, coarseMask, nameof(coarseMask));
        return ResultOf(RunAsync(image, coarseMask, Buffer, RefineOne, measured: false, progress, cancellation));
    }

    /// <summary>Refines one mask on a pool thread, and reports where the time went and how much of the mask changed.</summary>
    /// <param name="image">The image whose edges the mask shall follow.</param>
    /// <param name="coarseMask">The mask.</param>
    /// <param name="progress">Notified when a stage ends; may be <see langword="null"/>.</param>
    /// <param name="cancellation">Stops the work at the next boundary between stages.</param>
    /// <returns>The mask and the report.</returns>
    /// <inheritdoc cref="RefineAsync(ImageInput, MaskInput, CancellationToken)"/>
    public Task<Refined<Mask>> RefineWithReportAsync(
        ImageInput image, MaskInput coarseMask, IProgress<RefineProgress>? progress = null, CancellationToken cancellation = default)
    {
        Require(image, coarseMask, nameof(coarseMask));
        return RunAsync(image, coarseMask, Buffer, RefineOne, measured: true, progress, cancellation);
    }

    /// <summary>Refines several masks of one image on a pool thread.</summary>
    /// <param name="image">The image whose edges the masks shall follow.</param>
    /// <param name="coarseMasks">The masks.</param>
    /// <param name="cancellation">Stops the work at the next boundary between stages.</param>
    /// <inheritdoc cref="Refine(ImageInput, IReadOnlyList{MaskInput})"/>
    public Task<IReadOnlyList<Mask>> RefineAsync(
        ImageInput image, IReadOnlyList<MaskInput> coarseMasks, CancellationToken cancellation = default)
        => RefineAsync(image, coarseMasks, progress: null, cancellation);

    /// <param name="image">The image whose edges the masks shall follow.</param>
    /// <param name="coarseMasks">The masks.</param>
    /// <param name="progress">Notified when a stage ends; may be <see langword="null"/>.</param>
    /// <param name="cancellation">Stops the work at the next boundary between stages.</param>
    /// <inheritdoc cref="RefineAsync(ImageInput, IReadOnlyList{MaskInput}, CancellationToken)"/>
    public Task<IReadOnlyList<Mask>> RefineAsync(
        ImageInput image, IReadOnlyList<MaskInput> coarseMasks, IProgress<RefineProgress>? progress, CancellationToken cancellation = default)
    {
        Require(image, coarseMasks);
        return ResultOf(RunAsync(image, coarseMasks, Buffer, RefineAll, measured: false, progress, cancellation));
    }

    /// <summary>
    /// Refines several masks of one image on a pool thread, and reports where the time went and how much of the masks changed.
    /// </summary>
    /// <param name="image">The image whose edges the masks shall follow.</param>
    /// <param name="coarseMasks">The masks.</param>
    /// <param name="progress">Notified when a stage ends; may be <see langword="null"/>.</param>
    /// <param name="cancellation">Stops the work at the next boundary between stages.</param>
    /// <returns>The masks and the report.</returns>
    /// <inheritdoc cref="RefineAsync(ImageInput, IReadOnlyList{MaskInput}, CancellationToken)"/>
    public Task<Refined<IReadOnlyList<Mask>>> RefineWithReportAsync(
        ImageInput image, IReadOnlyList<MaskInput> coarseMasks, IProgress<RefineProgress>? progress = null, CancellationToken cancellation = default)
    {
        Require(image, coarseMasks);
        return RunAsync(image, coarseMasks, Buffer, RefineAll, measured: true, progress, cancellation);
    }

    /// <summary>
    /// Refines a sequence, lazily and in order: each pair is read when its result is requested, so any length fits into memory.
    /// </summary>
    /// <param name="pairs">Images with their coarse masks.</param>
    /// <param name="progress">Notified as each pair is processed; default <see langword="null"/>.</param>
    /// <param name="cancellation">Stops the work at the next boundary between stages.</param>
    /// <returns>One mask per pair. A pair that does not fit throws when its turn comes.</returns>
    /// <exception cref="ArgumentNullException">The sequence is null.</exception>
    public IEnumerable<Mask> RefineMany(
        IEnumerable<(ImageInput Image, MaskInput CoarseMask)> pairs, IProgress<RefineProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return pairs.Select((pair, i) =>
        {
            cancellation.ThrowIfCancellationRequested();
            Require(pair.Image, pair.CoarseMask, "CoarseMask");
            Stages call = new(progress: progress, image: i, cancellation: cancellation);
            return Work(call, stages => RefineOne(pair.Image, pair.CoarseMask, stages)).Result;
        });
    }

    /// <summary>Refines a sequence asynchronously, lazily and in order; each pair is refined on a pool thread.</summary>
    /// <param name="pairs">Images with their coarse masks. For a sequence in memory use <c>ToAsyncEnumerable()</c>.</param>
    /// <param name="progress">Notified as each pair is processed; default <see langword="null"/>.</param>
    /// <param name="cancellation">Stops the work at the next boundary between stages.</param>
    /// <returns>One mask per pair. A pair that does not fit throws when its turn comes.</returns>
    /// <exception cref="ArgumentNullException">The sequence is null.</exception>
    public IAsyncEnumerable<Mask> RefineManyAsync(
        IAsyncEnumerable<(ImageInput Image, MaskInput CoarseMask)> pairs, IProgress<RefineProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return Iterate(cancellation);

        async IAsyncEnumerable<Mask> Iterate([EnumeratorCancellation] CancellationToken token)
        {
            int index = 0;
            await foreach ((ImageInput image, MaskInput coarseMask) in pairs.WithCancellation(token).ConfigureAwait(false))
            {
                Require(image, coarseMask, "CoarseMask");
                Refined<Mask> refined = await RunAsync(
                    image, coarseMask, Buffer, RefineOne, measured: false, progress, token, index++).ConfigureAwait(false);
                yield return refined.Result;
            }
        }
    }

    private Refined<Mask> RefineOne(ImageInput image, MaskInput coarseMask, Stages stages)
    {
        (IReadOnlyList<Mask> masks, RefineReport report) = RefineAll(image, [coarseMask], stages, static _ => nameof(coarseMask));
        return new(masks[0], report);
    }

    private Refined<IReadOnlyList<Mask>> RefineAll(ImageInput image, IReadOnlyList<MaskInput> coarseMasks, Stages stages)
        => RefineAll(image, coarseMasks, stages, static i => $"coarseMasks[{i}]");

    private Refined<IReadOnlyList<Mask>> RefineAll(
        ImageInput image, IReadOnlyList<MaskInput> coarseMasks, Stages stages, Func<int, string> nameOf)
    {
        using Planes pixels = Read(image, coarseMasks.Count), coarse = Read(coarseMasks, pixels.Width, pixels.Height, nameOf);
        float[]? only = coarse.Count == 1 ? GC.AllocateUninitializedArray<float>(coarse.Pixels) : null;
        using Planes refined = only is null ? new(coarse.Count, coarse.Height, coarse.Width) : new(only, 1, coarse.Height, coarse.Width);
        Run(pixels, coarse, MapKind.Masks, refined, stages);
        Mask[] masks = new Mask[coarseMasks.Count];
        for (int i = 0; i < masks.Length; i++)
        {
            Mask soft = new(refined.Width, refined.Height, only ?? refined[i].ToArray());
            masks[i] = _settings.HardThreshold is float threshold ? soft.Threshold(threshold) : soft;
        }
        stages.End(Stage.Output);
        return new(masks, stages.Measured ? RefineReport.Of(stages, coarse, refined, Threshold) : default);
    }

    /// <summary>The masks at the image's size, <c>[K, height, width]</c>.</summary>
    private Planes Read(IReadOnlyList<MaskInput> coarseMasks, int width, int height, Func<int, string> nameOf)
    {
        int count = coarseMasks.Count;
        if ((long)count * width * height > PixelLimit.Max)
        {
            throw new ArgumentException(
                $"coarseMasks: expected at most {PixelLimit.Max:N0} values in total, got {count:N0} masks of {width} x {height}.", nameof(coarseMasks));
        }
        Planes maps = new(count, height, width);
        try
        {
            for (int i = 0; i < count; i++)
                coarseMasks[i].Read(nameOf(i), _settings.PixelLimit, width, height, maps[i]);
            return maps;
        }
        catch
        {
            maps.Dispose();
            throw;
        }
    }

    private Task<MaskInput> Buffer(MaskInput mask, CancellationToken cancellation)
        => mask.BufferAsync("coarseMask", _settings.PixelLimit, cancellation);

    private async Task<IReadOnlyList<MaskInput>> Buffer(IReadOnlyList<MaskInput> masks, CancellationToken cancellation)
    {
        MaskInput[] buffered = new MaskInput[masks.Count];
        for (int i = 0; i < buffered.Length; i++)
            buffered[i] = await masks[i].BufferAsync($"coarseMasks[{i}]", _settings.PixelLimit, cancellation).ConfigureAwait(false);
        return buffered;
    }

    private void Require(ImageInput image, IReadOnlyList<MaskInput> coarseMasks)
    {
        Require(image, coarseMasks, nameof(coarseMasks));
        for (int i = 0; i < coarseMasks.Count; i++)
            ArgumentNullException.ThrowIfNull(coarseMasks[i], $"coarseMasks[{i}]");
    }
}
