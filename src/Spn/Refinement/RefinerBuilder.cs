using Spn.Diagnostics;
using Spn.Guidance;
using Spn.Imaging;
using Spn.Native;
using Spn.Refinement;
using TorchSharp;

namespace Spn;

/// <summary>Settings of a <see cref="Refiner"/>, opened by <see cref="SpnRefiner.Configure"/>. What is not set keeps its default.</summary>
public sealed class RefinerBuilder
{
    private torch.Device? _device;
    private Func<torch.Device, IGuidance> _guidance;
    private float? _hardThreshold;
    private double? _changeBand;
    private int? _tileSide;
    private bool _cascade = true;
    private long _pixelLimit = PixelLimit.Default;

    internal RefinerBuilder()
    {
        NativeLibraries.EnsureLoaded();
        _guidance = SpnModel.Fast.On;
    }

    /// <summary>CUDA where torch and the CUDA kernels can run, else the CPU. The default.</summary>
    public RefinerBuilder OnBestDevice() => On(SpnDiagnostics.CudaObstacle() is null ? torch.CUDA : torch.CPU);

    /// <summary>The CPU.</summary>
    public RefinerBuilder OnCpu() => On(torch.CPU);

    /// <summary>The current CUDA device.</summary>
    /// <exception cref="InvalidOperationException">CUDA cannot be used; the message says why.</exception>
    public RefinerBuilder OnCuda()
        => SpnDiagnostics.CudaObstacle() is { } reason ? throw new InvalidOperationException($"CUDA cannot be used: {reason}") : On(torch.CUDA);

    /// <summary>A trained model of this library looks at the image and moves the mask. Default: <see cref="SpnModel.Fast"/>.</summary>
    /// <param name="model">All refiners of a device share it; there is nothing to dispose.</param>
    public RefinerBuilder WithModel(BuiltInModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return WithGuidance(model.On);
    }

    /// <summary>A trained model of one's own, which is loaded at once.</summary>
    /// <param name="path">
    /// A file that <see cref="SpnModel.Save"/> wrote. The model belongs to this builder and its refiners, on each one's device; there is nothing to
    /// dispose, its memory goes when none of them is used any more.
    /// </param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is broken, describes no model, or its tensors do not fit what it describes.</exception>
    public RefinerBuilder WithModel(string path) => WithGuidance(new SharedModel(SpnModel.Load(path)).On);

    /// <summary>What looks at the image and moves the mask, in place of a model: <see cref="EdgeGuidance"/>, which needs no training, or one's own.</summary>
    /// <param name="guidance">Safe from several threads at once, on the refiner's device; it stays the caller's, to dispose after the refiner's last call.</param>
    public RefinerBuilder WithGuidance(IGuidance guidance)
    {
        ArgumentNullException.ThrowIfNull(guidance);
        return WithGuidance(_ => guidance);
    }

    /// <summary>Masks come out hard, 0 or 1, instead of soft. Label maps are hard and class probabilities soft in any case.</summary>
    /// <param name="threshold">The least probability that becomes 1, 0..1; default 0.5.</param>
    /// <exception cref="ArgumentOutOfRangeException">The threshold is NaN or outside 0..1.</exception>
    public RefinerBuilder WithHardOutput(float threshold = 0.5f)
    {
        Mask.RequireThreshold(threshold);
        _hardThreshold = threshold;
        return this;
    }

    /// <summary>
    /// Do no harm: pixels outside a band around the coarse mask's boundary keep the coarse mask exactly (of classes: divided by their sum where that is not 1). The boundary is where it crosses 0.5; of
    /// labels and classes, where the likeliest one changes. A mask without a boundary stays as it is. Without this option any pixel may change.
    /// </summary>
    /// <param name="band">The band's radius as a share of √(width·height), above 0, at most 0.25; default 0.05: 26 pixels at 512 x 512.</param>
    /// <exception cref="ArgumentOutOfRangeException">The band is NaN or outside that range.</exception>
    public RefinerBuilder WithChangeLimit(double band = 0.05)
    {
        if (!(band > 0 && band <= 0.25))
            throw new ArgumentOutOfRangeException(nameof(band), band, $"band is {band}; expected more than 0, at most 0.25.");
        _changeBand = band;
        return this;
    }

    /// <summary>
    /// Large images are refined in tiles that overlap by what the guidance must see around them and fade into each other, which bounds the memory.
    /// By default this happens by itself where an image is larger than a tile and the overlap does not grow with it: with an
    /// <see cref="SpnModel"/>. <see cref="EdgeGuidance"/> looks as far as a sixth of the image, so its tiles stay large and take twice the time.
    /// </summary>
    /// <param name="side">The most pixels of a tile's width and height, its overlap included; 256 or more, default 1920. More where the overlap needs it, which is 1984 for the built-in models.</param>
    /// <exception cref="ArgumentOutOfRangeException">The side is below 256.</exception>
    public RefinerBuilder WithTiles(int side = TiledPipeline.DefaultSide)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(side, 256);
        _tileSide = side;
        return this;
    }

    /// <summary>Images are always looked at whole.</summary>
    public RefinerBuilder WithoutTiles()
    {
        _tileSide = TiledPipeline.Never;
        return this;
    }

    /// <summary>
    /// Large images are refined once, at full size. By default an <see cref="SpnModel"/> refines a smaller copy of an image above 0.84 megapixels first: errors of a mask grow with its image, and a model mends those
    /// of the size in pixels that it was trained on.
    /// </summary>
    public RefinerBuilder WithoutCascade()
    {
        _cascade = false;
        return this;
    }

    /// <summary>The most pixels an image or mask may have, read from a file's header before anything is decoded.</summary>
    /// <param name="pixels">1 to 500 million; default 100 million.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limit is outside that range.</exception>
    public RefinerBuilder WithPixelLimit(long pixels)
    {
        _pixelLimit = PixelLimit.Require(pixels);
        return this;
    }

    /// <summary>The refiner. The builder may go on and build others.</summary>
    /// <exception cref="InvalidOperationException">Tiles were asked for, but the guidance is no <see cref="ITiledGuidance"/>.</exception>
    public Refiner Build()
    {
        if (_device is null)
            OnBestDevice();
        IGuidance guidance = _guidance(_device!);
        if (_tileSide is not (null or TiledPipeline.Never) && guidance is not ITiledGuidance)
            throw new InvalidOperationException($"WithTiles: {guidance.GetType().Name} does not say how far it looks; expected an {nameof(ITiledGuidance)}.");
        SmallerCopy? first = _cascade && guidance is SpnModel model ? new SmallerCopy(model, _device!) : null;
        return new Refiner(new TiledPipeline(guidance, _device!, _tileSide, first), _pixelLimit, _hardThreshold, _changeBand);
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
