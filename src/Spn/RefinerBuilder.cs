using Spn.Imaging;
using Spn.Models;
using Spn.Refinement;
using Spn.Torch;

namespace Spn;

/// <summary>
/// Builds a <see cref="Refiner"/>. Created by <see cref="SpnRefiner.Configure"/>. Every setting has a default. Not thread-safe.
/// </summary>
public sealed class RefinerBuilder
{
    private RefinerDevice? _device; // null: the best one
    private IRefinementMethod _method = SpnModel.Fast;
    private int? _maxThreads;
    private int? _maxCalls;
    private float? _hardThreshold;
    private double? _changeBand;
    private int? _tileSide;
    private bool _hasCoarsePass = true;
    private bool _focuses = true;
    private int? _minSpeckArea;
    private bool _fallsBack;
    private long _pixelLimit = PixelLimit.Default;

    internal RefinerBuilder()
    {
    }

    /// <summary>
    /// Uses CUDA if the app has a CUDA libtorch (package TorchSharp-cuda-linux or TorchSharp-cuda-windows), a device can run it, and the
    /// method is an <see cref="SpnModel"/>; otherwise the CPU. This is the default. An app without a CUDA libtorch does not load libtorch.
    /// </summary>
    public RefinerBuilder OnBestDevice() => On(null);

    /// <summary>Uses the CPU. No native library is loaded but that of the image decoder.</summary>
    public RefinerBuilder OnCpu() => On(RefinerDevice.Cpu);

    /// <summary>Uses the current CUDA device.</summary>
    /// <exception cref="InvalidOperationException">CUDA cannot be used; the message says why.</exception>
    public RefinerBuilder OnCuda()
        => CudaSupport.Obstacle() is { } reason ? throw new InvalidOperationException(
            $"CUDA cannot be used: {reason}") : On(RefinerDevice.Cuda);

    /// <summary>Uses a trained model. Default: <see cref="SpnModel.Fast"/>.</summary>
    /// <param name="model">
    /// The model, for example <see cref="SpnModel.Quality"/>. Refiners share its weights, so there is nothing to dispose.
    /// </param>
    public RefinerBuilder WithModel(SpnModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return WithMethod(model);
    }

    /// <summary>Uses a trained model from a file, which is loaded immediately.</summary>
    /// <param name="path">A file written by <see cref="SpnModel.Save"/> or by the trainer.</param>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is damaged, does not describe a model, or its tensors do not fit the description.
    /// </exception>
    public RefinerBuilder WithModel(string path) => WithMethod(SpnModel.Load(path));

    /// <summary>Uses another method than a trained model, for example <see cref="EdgeGuidance"/>, which needs no training.</summary>
    /// <param name="method">A thread-safe method, which runs on the CPU unless it is an <see cref="SpnModel"/>.</param>
    public RefinerBuilder WithMethod(IRefinementMethod method)
    {
        ArgumentNullException.ThrowIfNull(method);
        _method = method;
        return this;
    }

    /// <summary>Limits the threads of a call. The result does not depend on it. Default: all processors.</summary>
    /// <param name="threads">1 or more. Custom methods decide themselves whether they follow it.</param>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public RefinerBuilder WithMaxThreads(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        _maxThreads = threads;
        return this;
    }

    /// <summary>
    /// Limits the calls of the refiner that work together; others wait for their turn, asynchronous ones without blocking a thread. This
    /// bounds the memory of a server. By default all refiners of the process share a limit: the number of processors, at least 2.
    /// </summary>
    /// <param name="calls">1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public RefinerBuilder WithMaxConcurrentCalls(int calls)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(calls, 1);
        _maxCalls = calls;
        return this;
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
    /// The maximum width and height of a tile in pixels, including its overlap; 256 or more, default 1408. It is raised if the overlap
    /// needs it: to 1216 for the built-in models.
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

    /// <summary>
    /// Runs models on the whole image. By default they run only in the rectangle around the boundaries of a mask and its pixels between
    /// 0.02 and 0.98, with 7 % of √(width·height) around it, at least 32 and at most 45 pixels, over the outermost 16 of which changes fade
    /// out. Beyond that the built-in models leave at most faint values; models that were trained to spread a mask farther need this.
    /// Tiles that the coarse pass decides are still skipped.
    /// </summary>
    public RefinerBuilder WithoutFocus()
    {
        _focuses = false;
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

    /// <summary>
    /// Returns the coarse mask, at the image's size, if the refined one is not likely better (<see cref="MaskVerdict.Better"/> below 0.5).
    /// This leaves most masks alone that were right before, at the cost of some that would have become a little better;
    /// docs/verdicts.md has the figures. Label maps and class probabilities are not affected. By default every mask is refined.
    /// </summary>
    public RefinerBuilder WithFallback()
    {
        _fallsBack = true;
        return this;
    }

    /// <summary>Builds the refiner. The builder can be used again.</summary>
    /// <exception cref="InvalidOperationException">
    /// <see cref="WithTiles"/> was called, but the method is not an <see cref="ITiledMethod"/>; the method's properties are out of range;
    /// or <see cref="OnCuda"/> or <see cref="WithFallback"/> was called, but the method is not an <see cref="SpnModel"/>.
    /// </exception>
    public Refiner Build()
    {
        if (_tileSide is not (null or TiledPipeline.Never) && _method is not ITiledMethod)
        {
            throw new InvalidOperationException(
                $"WithTiles: {_method.GetType().Name} is not an {nameof(ITiledMethod)}, so the necessary overlap is unknown.");
        }
        if (_device == RefinerDevice.Cuda && _method is not SpnModel)
            throw new InvalidOperationException($"OnCuda: {_method.GetType().Name} runs on the CPU only; expected an {nameof(SpnModel)}.");
        if (_fallsBack && _method is not SpnModel)
        {
            throw new InvalidOperationException(
                $"WithFallback: nothing is known about the masks of {_method.GetType().Name}; expected an {nameof(SpnModel)}.");
        }
        RefinerDevice device = _device ?? (_method is SpnModel && CudaSupport.IsUsable() ? RefinerDevice.Cuda : RefinerDevice.Cpu);
        IRefinementMethod method = device == RefinerDevice.Cuda ? CudaSupport.OnCuda((SpnModel)_method)
            : _maxThreads is int threads ? _method.WithMaxThreads(threads)
            : _method;
        if (method.TrainedPixels < 1)
            throw new InvalidOperationException($"{method.GetType().Name}.TrainedPixels is {method.TrainedPixels}; expected 1 or more, or null.");
        CoarsePass? coarsePass = _hasCoarsePass && method.TrainedPixels is long pixels
            ? new CoarsePass(method, pixels, _maxThreads ?? Environment.ProcessorCount, _focuses)
            : null;
        RefinerSettings settings = new(
            _pixelLimit, _hardThreshold, _changeBand, _minSpeckArea, _fallsBack, IsLearned: _method is SpnModel,
            (_method as SpnModel)?.Name ?? _method.GetType().Name, _maxThreads ?? Environment.ProcessorCount,
            _maxCalls is int calls ? new CallGate(calls) : CallGate.Shared);
        return new Refiner(new TiledPipeline(method, _tileSide, coarsePass, _focuses), settings, device);
    }

    private RefinerBuilder On(RefinerDevice? device)
    {
        _device = device;
        return this;
    }
}
