using Spn.Diagnostics;
using Spn.Guidance;
using Spn.Imaging;
using Spn.Native;
using Spn.Refinement;
using TorchSharp;

namespace Spn;

/// <summary>
/// Builds a <see cref="Refiner"/>. Created by <see cref="SpnRefiner.Configure"/>. Every setting has a default. Not thread-safe.
/// </summary>
public sealed class RefinerBuilder
{
    private torch.Device? _device;
    private Func<torch.Device, IGuidance> _guidance;
    private float? _hardThreshold;
    private double? _changeBand;
    private int? _tileSide;
    private bool _hasCoarsePass = true;
    private int? _minSpeckArea;
    private long _pixelLimit = PixelLimit.Default;

    internal RefinerBuilder()
    {
        NativeLibraries.EnsureLoaded();
        _guidance = SpnModel.Fast.On;
    }

    /// <summary>Uses CUDA if torch and the CUDA kernels can run, otherwise the CPU. This is the default.</summary>
    public RefinerBuilder OnBestDevice() => On(SpnDiagnostics.CudaObstacle() is null ? torch.CUDA : torch.CPU);

    /// <summary>Uses the CPU.</summary>
    public RefinerBuilder OnCpu() => On(torch.CPU);

    /// <summary>Uses the current CUDA device.</summary>
    /// <exception cref="InvalidOperationException">CUDA cannot be used; the message says why.</exception>
    public RefinerBuilder OnCuda()
        => SpnDiagnostics.CudaObstacle() is { } reason ? throw new InvalidOperationException(
            $"CUDA cannot be used: {reason}") : On(torch.CUDA);

    /// <summary>Uses a trained model of this library. Default: <see cref="SpnModel.Fast"/>.</summary>
    /// <param name="model">All refiners on a device share it, so there is nothing to dispose.</param>
    public RefinerBuilder WithModel(BuiltInModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return WithGuidance(model.On);
    }

    /// <summary>Uses a trained model from a file. The file is loaded immediately.</summary>
    /// <param name="path">
    /// A file written by <see cref="SpnModel.Save"/>. The builder and its refiners own the model, so there is nothing to dispose; its
    /// memory is freed when none of them is reachable.
    /// </param>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is damaged, does not describe a model, or its tensors do not fit the description.
    /// </exception>
    public RefinerBuilder WithModel(string path) => WithGuidance(new SharedModel(SpnModel.Load(path)).On);

    /// <summary>Uses a custom method instead of a trained model, for example <see cref="EdgeGuidance"/>, which needs no training.</summary>
    /// <param name="guidance">
    /// Must be thread-safe and on the refiner's device. The caller owns it, and disposes it after the refiner's last call.
    /// </param>
    public RefinerBuilder WithGuidance(IGuidance guidance)
    {
        ArgumentNullException.ThrowIfNull(guidance);
        return WithGuidance(_ => guidance);
    }

    /// <summary>Makes masks hard, 0 or 1, instead of soft. Label maps are always hard, and class probabilities always soft.</summary>
    /// <param name="threshold">The lowest probability that becomes 1, 0..1; default 0.5.</param>
    /// <exception cref="ArgumentOutOfRangeException">The threshold is NaN or outside 0..1.</exception>
    public RefinerBuilder WithHardOutput(float threshold = 0.5f)
    {
        Mask.RequireThreshold(threshold);
        _hardThreshold = threshold;
        return this;
    }

    /// <summary>
    /// Restricts changes to a band around the coarse mask's boundary; pixels outside it keep their coarse value (class probabilities are
    /// renormalized). The boundary is where the mask crosses 0.5; for labels and classes, where the most likely one changes. A mask without
    /// a boundary stays as it is. By default any pixel may change.
    /// </summary>
    /// <param name="band">
    /// The band's radius as a share of √(width·height), above 0, at most 0.25; default 0.05: 26 pixels at 512 x 512.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The band is NaN or outside that range.</exception>
    public RefinerBuilder WithChangeLimit(double band = 0.05)
    {
        if (!(band > 0 && band <= 0.25))
            throw new ArgumentOutOfRangeException(nameof(band), band, $"band is {band}; expected more than 0, at most 0.25.");
        _changeBand = band;
        return this;
    }

    /// <summary>
    /// Refines large images in tiles, which overlap as far as the method needs and fade into each other. Tiles bound the memory.
    /// By default an <see cref="SpnModel"/> uses tiles for images that are larger than a tile. <see cref="EdgeGuidance"/> does not, because
    /// its overlap grows with the image, to a sixth of it, so its tiles stay large and take twice the time.
    /// </summary>
    /// <param name="side">
    /// The maximum width and height of a tile in pixels, including its overlap; 256 or more, default 1920. It is raised if the overlap
    /// needs it: to 1984 for the built-in models.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The side is below 256.</exception>
    public RefinerBuilder WithTiles(int side = TiledPipeline.DefaultSide)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(side, 256);
        _tileSide = side;
        return this;
    }

    /// <summary>Never uses tiles.</summary>
    public RefinerBuilder WithoutTiles()
    {
        _tileSide = TiledPipeline.Never;
        return this;
    }

    /// <summary>
    /// Refines large images at full size only. By default an <see cref="SpnModel"/> refines a downscaled copy of images above 0.84
    /// megapixels first, because errors of a mask scale with its image, and a model corrects errors up to the size in pixels that it saw in
    /// training.
    /// </summary>
    public RefinerBuilder WithoutCoarsePass()
    {
        _hasCoarsePass = false;
        return this;
    }

    /// <summary>Sets the maximum number of pixels of an image or mask, which is checked before anything is decoded.</summary>
    /// <param name="pixels">1 to 500 million; default 100 million.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limit is outside that range.</exception>
    public RefinerBuilder WithPixelLimit(long pixels)
    {
        _pixelLimit = PixelLimit.Require(pixels);
        return this;
    }

    /// <summary>
    /// Removes islands and holes of fewer pixels than <paramref name="minArea"/> from every refined mask; see
    /// <see cref="Mask.RemoveSpecks"/>. Default: none.
    /// </summary>
    /// <param name="minArea">The smallest number of pixels that stays, 1 or more. Label maps and classes are not affected.</param>
    /// <exception cref="ArgumentOutOfRangeException">The area is below 1.</exception>
    public RefinerBuilder WithSpecksRemoved(int minArea)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(minArea, 1);
        _minSpeckArea = minArea;
        return this;
    }

    /// <summary>Builds the refiner. The builder can be used again.</summary>
    /// <exception cref="InvalidOperationException">
    /// <see cref="WithTiles"/> was called, but the method is not an <see cref="ITiledGuidance"/>.
    /// </exception>
    public Refiner Build()
    {
        if (_device is null)
            OnBestDevice();
        IGuidance guidance = _guidance(_device!);
        if (_tileSide is not (null or TiledPipeline.Never) && guidance is not ITiledGuidance)
        {
            throw new InvalidOperationException(
                $"WithTiles: {guidance.GetType().Name} is not an {nameof(ITiledGuidance)}, so the necessary overlap is unknown.");
        }
        CoarsePass? coarsePass = _hasCoarsePass && guidance is SpnModel model ? new CoarsePass(model, _device!) : null;
        RefinerSettings settings = new(_pixelLimit, _hardThreshold, _changeBand, _minSpeckArea);
        return new Refiner(new TiledPipeline(guidance, _device!, _tileSide, coarsePass), settings);
    }

    private RefinerBuilder WithGuidance(Func<torch.Device, IGuidance> guidanceOn)
    {
        _guidance = guidanceOn;
        return this;
    }

    private RefinerBuilder On(torch.Device chosen)
    {
        _device = chosen;
        return this;
    }
}
