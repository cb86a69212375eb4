using System.Runtime.CompilerServices;
using Spn.Imaging;
using Spn.Refinement;

namespace Spn;

/// <summary>
/// Refines coarse masks so that they follow the edges of an image. Created by <see cref="SpnRefiner.Configure"/>. Thread-safe.
/// </summary>
/// <remarks>
/// Masks, several masks of one image, label maps and class probabilities can all be refined synchronously, asynchronously (with progress
/// and cancellation), and with a report. Every call checks its input before it works, and leaves the refiner usable if it throws:
/// <see cref="ArgumentException"/> for arguments (null, sizes that do not fit, values that are NaN or outside 0..1, a folder),
/// <see cref="FileNotFoundException"/>, and <see cref="InvalidDataException"/> for the content of a file (not an image, truncated, too many
/// pixels). <see cref="InsufficientMemoryException"/> means that there is too little free memory. A mask without any foreground (no value
/// at or above 0.5, or the hard threshold) and one without any background are returned as they are.
/// </remarks>
public sealed partial class Refiner : IDisposable
{
    private const float SoftThreshold = 0.5f;

    private readonly TiledPipeline _pipeline;
    private readonly RefinerSettings _settings;
    private volatile bool _disposed;

    internal Refiner(TiledPipeline pipeline, RefinerSettings settings, RefinerDevice device)
        => (_pipeline, _settings, Device) = (pipeline, settings, device);

    /// <summary>The device that runs the networks.</summary>
    public RefinerDevice Device { get; }

    /// <summary>
    /// Shows what the guidance connects: how strongly each pixel of a refined mask depends on the coarse mask at one place. Measured by
    /// impulse response, as the difference that a small disc of ones on a flat mask of 0.5 makes.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="x">The column of the place, 0 at the left.</param>
    /// <param name="y">Its row, 0 at the top.</param>
    /// <returns>
    /// The affinity to the place, relative to the highest, in 0..1, at the image's size; 0 everywhere if the guidance ignores the mask.
    /// </returns>
    /// <exception cref="ArgumentException">The image is null or does not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The place is outside the image.</exception>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">A file is not an image, truncated, or too large.</exception>
    public Mask Affinity(ImageInput image, int x, int y)
    {
        Require(image);
        return Work(new Stages(), stages => AffinityOf(image, (x, y), stages)).Result;
    }

    /// <summary>
    /// Shows what the guidance connects, on a pool thread. A stream is read asynchronously; borrowed memory must stay unchanged until the
    /// task completes.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="x">The column of the place, 0 at the left.</param>
    /// <param name="y">Its row, 0 at the top.</param>
    /// <param name="cancellation">Stops the work at the next boundary between stages.</param>
    /// <inheritdoc cref="Affinity(ImageInput, int, int)"/>
    public Task<Mask> AffinityAsync(ImageInput image, int x, int y, CancellationToken cancellation = default)
    {
        Require(image);
        return ResultOf(RunAsync(image, (x, y), InMemory, AffinityOf, measured: false, progress: null, cancellation));
    }

    private Refined<Mask> AffinityOf(ImageInput image, (int X, int Y) place, Stages stages)
    {
        using Planes pixels = Read(image, masks: 2);
        RequireInside(place.X, pixels.Width, "x");
        RequireInside(place.Y, pixels.Height, "y");
        (stages.Pixels, stages.Masks) = (pixels.Pixels, 1);
        using Planes masks = Impulse.Masks(pixels.Width, pixels.Height, place.X, place.Y), refined = new(2, pixels.Height, pixels.Width);
        _pipeline.Run(pixels, masks, MapKind.Masks, refined, stages);
        return new(new Mask(pixels.Width, pixels.Height, Impulse.Response(refined)), default);
    }

    /// <summary>
    /// About the memory that one call takes at its peak if its masks leave all of the image open, so that an app can decide on tiles, on the
    /// number of concurrent calls (<see cref="RefinerBuilder.WithMaxConcurrentCalls"/>), or to refuse an image. Most of it is reused by the
    /// next call.
    /// </summary>
    /// <param name="width">The image's pixels per row, 1 or more.</param>
    /// <param name="height">The image's rows, 1 or more.</param>
    /// <param name="masks">The number of masks, labels or classes, 1 or more; default 1.</param>
    /// <returns>
    /// Bytes, including image, masks and results; on CUDA, of the process only. What a custom method takes itself is not known.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is below 1, or image or masks have more pixels than a refiner allows.</exception>
    public long EstimateMemory(int width, int height, int masks = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(masks, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)width * height, _settings.PixelLimit, nameof(width));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(masks, PixelLimit.Max / ((long)width * height), nameof(masks));
        return Required(width, height, masks);
    }

    private long Required(int width, int height, int masks)
    {
        long planes = sizeof(float) * (3L + 3L * masks) * width * height; // the image, and masks before, after, and as results
        return planes + _pipeline.RequiredBytes(width, height, masks);
    }

    /// <summary>
    /// Ends the use of the refiner; calls in progress finish. A custom method that was given to the builder is not disposed.
    /// </summary>
    public void Dispose() => _disposed = true;

    /// <summary>Runs a call on this thread, when its turn has come.</summary>
    private T Work<T>(Stages stages, Func<Stages, T> refine, [CallerMemberName] string operation = "")
    {
        CallTelemetry telemetry = CallTelemetry.Start(operation, _settings.Method, Device);
        try
        {
            using CallGate.Place place = _settings.Gate.Enter(stages.Cancellation);
            telemetry.Begin();
            T result = WorkInside(stages, refine);
            telemetry.Succeed(stages);
            return result;
        }
        catch (Exception e)
        {
            telemetry.Fail(e);
            throw;
        }
    }

    private T WorkInside<T>(Stages stages, Func<Stages, T> refine)
    {
        try
        {
            return _settings.Gate.Run(() => refine(stages));
        }
        catch (OutOfMemoryException e) when (e is not InsufficientMemoryException)
        {
            throw TooLittleMemory("The call needs more memory than the system has free.", e);
        }
    }

    private static InsufficientMemoryException TooLittleMemory(string reason, Exception? cause = null) => new(
        $"{reason} Use a smaller image, fewer masks per call, or smaller tiles (WithTiles). The refiner stays usable.", cause);

    /// <summary>Runs a call on a pool thread, after streams were read asynchronously.</summary>
    private Task<Refined<T>> RunAsync<T, TCoarse>(
        ImageInput image, TCoarse coarse, Func<TCoarse, CancellationToken, Task<TCoarse>> buffer, Func<ImageInput, TCoarse, Stages, Refined<T>> refine,
        bool measured, IProgress<RefineProgress>? progress, CancellationToken cancellation, int index = 0,
        [CallerMemberName] string operation = "")
        => Task.Run(async () =>
        {
            CallTelemetry telemetry = CallTelemetry.Start(operation, _settings.Method, Device);
            try
            {
                ImageInput bufferedImage = await image.BufferAsync(_settings.PixelLimit, cancellation).ConfigureAwait(false);
                TCoarse bufferedCoarse = await buffer(coarse, cancellation).ConfigureAwait(false);
                telemetry.Wait();
                using CallGate.Place place = await _settings.Gate.EnterAsync(cancellation).ConfigureAwait(false);
                telemetry.Begin();
                Stages call = new(measured, progress, index, cancellation);
                Refined<T> result = WorkInside(call, stages => refine(bufferedImage, bufferedCoarse, stages));
                telemetry.Succeed(call);
                return result;
            }
            catch (Exception e)
            {
                telemetry.Fail(e);
                throw;
            }
        }, cancellation);

    private static Task<T> InMemory<T>(T coarse, CancellationToken cancellation) => Task.FromResult(coarse);

    private static async Task<T> ResultOf<T>(Task<Refined<T>> refined) => (await refined.ConfigureAwait(false)).Result;

    /// <param name="pixels"><c>[3, H, W]</c>.</param>
    /// <param name="masks"><c>[K, H, W]</c>.</param>
    /// <param name="kind">What the K maps are.</param>
    /// <param name="result">Receives the refined maps, <c>[K, H, W]</c>.</param>
    /// <param name="stages">Notified when a stage ends.</param>
    private void Run(Planes pixels, Planes masks, MapKind kind, Planes result, Stages stages)
    {
        bool areShared = kind != MapKind.Masks;
        (stages.Pixels, stages.Masks) = (pixels.Pixels, masks.Count);
        if (areShared && masks.Count > 0)
            Decided.KeepClasses(masks, result, RunOpen);
        else if (masks.Count > 0)
            Decided.Keep(masks, result, Threshold, RunOpen);
        stages.EndSkipped();
        if (kind == MapKind.Masks && _settings.IsLearned && (_settings.FallsBack || stages.Measured))
            stages.Verdicts = MaskVerdict.Judge(pixels, masks, result, Threshold, _settings.FallsBack);

        void RunOpen(Planes coarse, Planes refined)
        {
            if (kind == MapKind.Classes && _settings.IsLearned)
                ClassCompetition.KeepWinners(coarse, refined, RunPipeline);
            else
                RunPipeline(coarse, refined);
            if (_settings.IsLearned)
                FlatRegions.Keep(pixels, coarse, refined);
            if (_settings.ChangeBand is double band)
                ChangeLimit.Apply(refined, coarse, band, areShared);
            if (_settings.MinSpeckArea is int minArea && !areShared)
                Specks.Remove(refined, minArea);
        }

        void RunPipeline(Planes coarse, Planes refined) => _pipeline.Run(pixels, coarse, kind, refined, stages);
    }

    private float Threshold => _settings.HardThreshold ?? SoftThreshold;

    /// <param name="image">The image.</param>
    /// <param name="masks">The number of masks that will be refined, for the estimate of memory.</param>
    private Planes Read(ImageInput image, int masks)
    {
        using OpenPixels source = image.Open(_settings.PixelLimit);
        return Read(source, masks);
    }

    private Planes Read(OpenPixels source, int masks)
    {
        RequireMemory(source.Width, source.Height, masks);
        Planes pixels = new(3, source.Height, source.Width);
        try
        {
            source.Read(pixels.All);
            return pixels;
        }
        catch
        {
            pixels.Dispose();
            throw;
        }
    }

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

    /// <summary>Refuses a call that cannot fit into the memory of the system or the container, before anything is decoded.</summary>
    private void RequireMemory(int width, int height, int masks)
    {
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, needed = masks == 0 ? 0 : Required(width, height, masks);
        if (available > 0 && needed > available)
        {
            throw TooLittleMemory(
                $"Refining {masks} masks of an image of {width} x {height} pixels needs about {needed >> 20:N0} MB, the process may use {available >> 20:N0}.");
        }
    }

    private static void RequireInside(int place, int size, string argument)
    {
        if (place < 0 || place >= size)
            throw new ArgumentOutOfRangeException(argument, place, $"{argument} is {place}; expected a pixel of the image, 0..{size - 1}.");
    }
}
