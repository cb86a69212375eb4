using Spn.Diagnostics;
using Spn.Guidance;
using Spn.Imaging;
using Spn.Native;
using TorchSharp;

namespace Spn;

/// <summary>Settings of a <see cref="Refiner"/>, opened by <see cref="SpnRefiner.Configure"/>. What is not set keeps its default.</summary>
public sealed class RefinerBuilder
{
    private torch.Device? _device;
    private IGuidance? _guidance;
    private float? _hardThreshold;
    private long _pixelLimit = PixelLimit.Default;

    internal RefinerBuilder() => NativeLibraries.EnsureLoaded();

    /// <summary>CUDA where torch and the CUDA kernels can run, else the CPU. The default.</summary>
    public RefinerBuilder OnBestDevice() => On(SpnDiagnostics.CudaObstacle() is null ? torch.CUDA : torch.CPU);

    /// <summary>The CPU.</summary>
    public RefinerBuilder OnCpu() => On(torch.CPU);

    /// <summary>The current CUDA device.</summary>
    /// <exception cref="InvalidOperationException">CUDA cannot be used; the message says why.</exception>
    public RefinerBuilder OnCuda()
        => SpnDiagnostics.CudaObstacle() is { } reason ? throw new InvalidOperationException($"CUDA cannot be used: {reason}") : On(torch.CUDA);

    /// <summary>What looks at the image and moves the mask. Default: a new <see cref="EdgeGuidance"/>, which needs no training.</summary>
    /// <param name="guidance">Safe from several threads at once; it stays the caller's.</param>
    public RefinerBuilder WithGuidance(IGuidance guidance)
    {
        ArgumentNullException.ThrowIfNull(guidance);
        _guidance = guidance;
        return this;
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

    /// <summary>The most pixels an image or mask may have, read from a file's header before anything is decoded.</summary>
    /// <param name="pixels">1 to 500 million; default 100 million.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limit is outside that range.</exception>
    public RefinerBuilder WithPixelLimit(long pixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pixels, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pixels, PixelLimit.Most);
        _pixelLimit = pixels;
        return this;
    }

    /// <summary>The refiner. The builder may go on and build others.</summary>
    public Refiner Build()
    {
        if (_device is null)
            OnBestDevice();
        return new Refiner(_guidance ?? new EdgeGuidance(), _device!, _pixelLimit, _hardThreshold);
    }

    private RefinerBuilder On(torch.Device chosen)
    {
        _device = chosen;
        return this;
    }
}
