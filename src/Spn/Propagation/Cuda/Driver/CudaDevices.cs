using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using TorchSharp;

namespace Spn.Propagation.Cuda.Driver;

/// <summary>
/// Caches, per device, whether the kernels can run, and if not, why. A device is examined when it is first requested, and again after a
/// failure that may pass. Thread-safe.
/// </summary>
internal sealed class CudaDevices
{
    // CUDA_ERROR_OUT_OF_MEMORY and CUDA_ERROR_DEVICE_UNAVAILABLE: another process may release the memory or the device.
    private const int OutOfMemory = 2, DeviceUnavailable = 46;

    private readonly ConcurrentDictionary<int, Lazy<Opened>> _opened = new();
    private readonly Lazy<DriverApi> _driver;
    private readonly Func<IEnumerable<string>> _nvrtcFiles;
    private readonly KernelCache _cache;
    private readonly Func<int, nint> _currentStream;

    /// <param name="driver">Path of the driver library; <see langword="null"/> uses the system's.</param>
    /// <param name="nvrtcFiles">Returns the candidate paths of NVRTC.</param>
    /// <param name="cache">The cache of compiled kernels.</param>
    /// <param name="currentStream">Returns the calling thread's stream on a device.</param>
    public CudaDevices(string? driver, Func<IEnumerable<string>> nvrtcFiles, KernelCache cache, Func<int, nint> currentStream)
    {
        _driver = new Lazy<DriverApi>(() => new DriverApi(driver));
        (_nvrtcFiles, _cache, _currentStream) = (nvrtcFiles, cache, currentStream);
    }

    /// <summary>The devices of this process.</summary>
    public static CudaDevices Shared { get; } = new(
        null, NvrtcFiles.Candidates, new KernelCache(KernelCache.UserFolder), TorchStream.Current);

    /// <summary>Whether the kernels can run on a device.</summary>
    /// <param name="index">The device index: 0 for <c>cuda:0</c>.</param>
    /// <param name="type">The tensors' element type.</param>
    /// <param name="device">The device, if the kernels can run.</param>
    /// <param name="reason">Why the kernels cannot run.</param>
    public bool CanRun(
        int index, torch.ScalarType type, [NotNullWhen(true)] out CudaDevice? device, [NotNullWhen(false)] out string? reason)
    {
        Lazy<Opened> opened = _opened.GetOrAdd(index, i => new Lazy<Opened>(() => Open(i)));
        (device, reason, bool mayPass) = opened.Value;
        if (mayPass)
            _opened.TryRemove(new(index, opened));
        if (device is not null && !CudaBackend.Computes(type))
            (device, reason) = (null, $"the CUDA kernels do not support {type}");
        return device is not null;
    }

    private Opened Open(int index)
    {
        try
        {
            var context = new PrimaryContext(_driver.Value, index);
            CudaLimits limits = CudaDevice.LimitsOf(context);
            if (limits.Architecture < KernelCompiler.MinArchitecture)
            {
                return new Opened(
                    null, $"cuda:{index} is sm_{limits.Architecture}; the kernels need sm_{KernelCompiler.MinArchitecture} or newer");
            }

            if (FindCompiler(context.Driver.Version, limits.Architecture, out string obstacle) is not { } nvrtc)
                return new Opened(null, obstacle);
            var compiler = new KernelCompiler(nvrtc, limits.Architecture);
            if (!compiler.HasClusters)
                limits = limits with { MaxCluster = 1 };
            return new Opened(new CudaDevice(context, limits, compiler, _cache, _currentStream), null);
        }
        catch (DllNotFoundException)
        {
            return new Opened(null, $"there is no NVIDIA driver: {DriverApi.SystemName} cannot be loaded");
        }
        catch (EntryPointNotFoundException old)
        {
            return new Opened(null, $"the NVIDIA driver is too old: {old.Message}");
        }
        catch (Exception failure) when (failure is CudaException or BadImageFormatException)
        {
            bool mayPass = failure is CudaException { ErrorCode: OutOfMemory or DeviceUnavailable };
            return new Opened(null, failure.Message.TrimEnd('.'), mayPass);
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
            catch (Exception unusable)
                when (unusable is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException or CudaException)
            {
                // A name that the system's loader does not know is the usual case. For an existing file, the error is worth reporting.
                if (obstacle.Length == 0 && Path.IsPathFullyQualified(file))
                    obstacle = $"NVRTC cannot be loaded: {unusable.Message.TrimEnd('.')}";
            }
        }

        if (obstacle.Length == 0)
        {
            obstacle = "NVRTC was not found: it is part of TorchSharp-cuda-linux, TorchSharp-cuda-windows, PyTorch and the CUDA toolkit; " +
                $"the environment variable {NvrtcFiles.Variable} can name its library";
        }
        return null;
    }

    private sealed record Opened(CudaDevice? Device, string? Reason, bool MayPass = false);
}
