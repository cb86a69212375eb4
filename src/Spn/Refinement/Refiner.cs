using Spn.Imaging;
using Spn.Refinement;
using TorchSharp;

namespace Spn;

/// <summary>
/// Refines coarse masks so that they follow the edges of an image. Created by <see cref="SpnRefiner.Configure"/>. Thread-safe.
/// </summary>
/// <remarks>
/// Masks, several masks of one image, label maps and class probabilities can all be refined synchronously, asynchronously (with progress
/// and cancellation), and with a report. Every call checks its input before it works, and leaves the refiner usable if it throws:
/// <see cref="ArgumentException"/> for arguments (null, sizes that do not fit, values that are NaN or outside 0..1, a folder),
/// <see cref="FileNotFoundException"/>, and <see cref="InvalidDataException"/> for the content of a file (not an image, truncated, too many
/// pixels). If the device has too little memory for all masks together they are refined in smaller groups; if it has too little for a
/// single one, the call throws <see cref="InsufficientMemoryException"/>. A mask without any foreground (no value at or above 0.5, or the
/// hard threshold) and one without any background are returned as they are.
/// </remarks>
public sealed partial class Refiner : IDisposable
{
    private const float SoftThreshold = 0.5f;

    private readonly TiledPipeline _pipeline;
    private readonly RefinerSettings _settings;
    private volatile bool _disposed;

    internal Refiner(TiledPipeline pipeline, RefinerSettings settings) => (_pipeline, _settings) = (pipeline, settings);

    /// <summary>The device that does the work.</summary>
    public torch.Device Device => _pipeline.Device;

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
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable noGradient = torch.no_grad();
        torch.Tensor pixels = ToDevice(image.ToTensor(_settings.PixelLimit));
        (int width, int height) = ((int)pixels.shape[3], (int)pixels.shape[2]);
        RequireInside(x, width, nameof(x));
        RequireInside(y, height, nameof(y));
        torch.Tensor refined = _pipeline.Run(pixels, Impulse.Masks(width, height, x, y).to(Device), new Stages(Device));
        return Mask.FromTensor(Impulse.Response(refined));
    }

    /// <summary>
    /// Ends the use of the refiner; calls in progress finish. A custom method that was given to the builder is not disposed.
    /// </summary>
    public void Dispose() => _disposed = true;

    /// <summary>Runs a call on a pool thread, after streams were read asynchronously.</summary>
    private async Task<Refined<T>> RunAsync<T, TCoarse>(
        ImageInput image, TCoarse coarse, Func<TCoarse, CancellationToken, Task<TCoarse>> buffer, Func<ImageInput, TCoarse, Stages, Refined<T>> refine,
        bool measured, IProgress<RefineProgress>? progress, CancellationToken cancellation, int index = 0)
    {
        return await Task.Run(async () =>
        {
            ImageInput bufferedImage = await image.BufferAsync(_settings.PixelLimit, cancellation).ConfigureAwait(false);
            TCoarse bufferedCoarse = await buffer(coarse, cancellation).ConfigureAwait(false);
            return refine(bufferedImage, bufferedCoarse, new Stages(Device, measured, progress, index, cancellation));
        }, cancellation).ConfigureAwait(false);
    }

    private static Task<T> InMemory<T>(T coarse, CancellationToken cancellation) => Task.FromResult(coarse);

    private static async Task<T> ResultOf<T>(Task<Refined<T>> refined) => (await refined.ConfigureAwait(false)).Result;

    /// <param name="pixels"><c>[N, 3, H, W]</c>.</param>
    /// <param name="masks"><c>[N, K, H, W]</c>.</param>
    /// <param name="areClasses">The K maps share each pixel.</param>
    /// <param name="stages">Notified when a stage ends.</param>
    private torch.Tensor Run(torch.Tensor pixels, torch.Tensor masks, bool areClasses, Stages stages)
    {
        torch.Tensor refined = masks.numel() == 0 ? masks : areClasses ? Decided.KeepClasses(masks, RunOpen) : Decided.Keep(masks, Threshold, RunOpen);
        stages.EndSkipped();
        return refined;

        torch.Tensor RunOpen(torch.Tensor coarse)
        {
            torch.Tensor refined = _pipeline.Run(pixels, coarse, stages);
            if (_settings.ChangeBand is double band)
                refined = DeviceMemory.Require("Limiting the change", pixels, Device, () => ChangeLimit.Apply(refined, coarse, band, areClasses));
            if (_settings.MinSpeckArea is int minArea && !areClasses)
                refined = DeviceMemory.Require("Removing specks", pixels, Device, () => Specks.Remove(refined, minArea));
            return refined;
        }
    }

    private float Threshold => _settings.HardThreshold ?? SoftThreshold;

    private torch.Tensor ToDevice(torch.Tensor image)
        => DeviceMemory.Require("Copying the pixels to the device", image, Device, () => image.to(Device));

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
            throw new ArgumentOutOfRangeException(argument, place, $"{argument} is {place}; expected a pixel of the image, 0..{size - 1}.");
    }
}
