using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using TorchSharp;

namespace Spn.Propagation.Cuda.Driver;

/// <summary>The devices whose kernels can run here, and for the others the reason. Each is looked at once, when first asked for. Thread-safe.</summary>
internal sealed class CudaDevices
{
    private readonly ConcurrentDictionary<int, Lazy<Opened>> _opened = new();
    private readonly Lazy<DriverApi> _driver;
    private readonly Func<IEnumerable<string>> _nvrtcFiles;
    private readonly KernelCache _cache;
    private readonly Func<int, nint> _currentStream;

    /// <param name="driver">The driver's library; <see langword="null"/> for the system's.</param>
    /// <param name="nvrtcFiles">Where NVRTC may lie.</param>
    /// <param name="cache">Where compiled kernels are kept.</param>
    /// <param name="currentStream">The calling thread's stream on a device.</param>
    public CudaDevices(string? driver, Func<IEnumerable<string>> nvrtcFiles, KernelCache cache, Func<int, nint> currentStream)
    {
        _driver = new Lazy<DriverApi>(() => new DriverApi(driver));
        (_nvrtcFiles, _cache, _currentStream) = (nvrtcFiles, cache, currentStream);
    }

    /// <summary>Those of this process.</summary>
    public static CudaDevices Shared { get; } = new(null, NvrtcFiles.Candidates, new KernelCache(KernelCache.UserFolder), TorchStream.Current);

    /// <summary>Whether the kernels can compute on a device.</summary>
    /// <param name="index">The device: 0 for <c>cuda:0</c>.</param>
    /// <param name="type">The tensors' type.</param>
    /// <param name="device">The device where they can.</param>
    /// <param name="reason">Why they cannot.</param>
    public bool CanRun(int index, torch.ScalarType type, [NotNullWhen(true)] out CudaDevice? device, [NotNullWhen(false)] out string? reason)
    {
        (device, reason) = _opened.GetOrAdd(index, i => new Lazy<Opened>(() => Open(i))).Value;
        if (device is not null && !CudaRound.Computes(type))
            (device, reason) = (null, $"the CUDA kernels do not compute in {type}");
        return device is not null;
    }

    private Opened Open(int index)
    {
        try
        {
            var context = new PrimaryContext(_driver.Value, index);
            CudaLimits limits = CudaDevice.LimitsOf(context);
            if (limits.Architecture < KernelCompiler.OldestArchitecture)
                return new Opened(null, $"cuda:{index} is sm_{limits.Architecture}; the kernels need sm_{KernelCompiler.OldestArchitecture} or newer");
            if (FindCompiler(context.Driver.Version, limits.Architecture, out string obstacle) is not { } nvrtc)
                return new Opened(null, obstacle);
            return new Opened(new CudaDevice(context, limits, new KernelCompiler(nvrtc, limits.Architecture), _cache, _currentStream), null);
        }
        catch (DllNotFoundException)
        {
            return new Opened(null, $"there is no NVIDIA driver: {DriverApi.SystemName} does not load");
        }
        catch (EntryPointNotFoundException old)
        {
            return new Opened(null, $"the NVIDIA driver is too old: {old.Message}");
        }
        catch (Exception failure) when (failure is CudaException or BadImageFormatException)
        {
            return new Opened(null, failure.Message.TrimEnd('.'));
        }
    }

    private NvrtcApi? FindCompiler(int driverVersion, int architecture, out string obstacle)
    {
        obstacle = "";
        foreach (string file in _nvrtcFiles())
        {
            try
            {
                NvrtcFiles.LoadBuiltins(file);
                var nvrtc = new NvrtcApi(file);
                if (KernelCompiler.Obstacle(nvrtc, driverVersion, architecture) is not { } unfit)
                    return nvrtc;
                obstacle = obstacle.Length > 0 ? obstacle : unfit;
            }
            catch (Exception unusable) when (unusable is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException or CudaException)
            {
                // A name that no system loader knows is the usual case; a file that is there has something to tell.
                if (obstacle.Length == 0 && Path.IsPathFullyQualified(file))
                    obstacle = $"NVRTC does not load: {unusable.Message.TrimEnd('.')}";
            }
        }

        if (obstacle.Length == 0)
            obstacle = $"there is no NVRTC: it comes with TorchSharp-cuda-linux, TorchSharp-cuda-windows, PyTorch and the CUDA toolkit; {NvrtcFiles.Variable} may name its library";
        return null;
    }

    private sealed record Opened(CudaDevice? Device, string? Reason);
}
