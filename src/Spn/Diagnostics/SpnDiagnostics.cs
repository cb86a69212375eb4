using System.Reflection;
using System.Runtime.InteropServices;
using Spn.Guidance.Convolutions;
using Spn.Native;
using Spn.Propagation;
using Spn.Propagation.Cpu;
using Spn.Propagation.Cuda.Driver;
using Spn.Simd;
using TorchSharp;

namespace Spn.Diagnostics;

/// <summary>Reports the environment in which Spn runs, and errors that could not be thrown as exceptions. Thread-safe.</summary>
public static class SpnDiagnostics
{
    /// <summary>
    /// The last error inside a backward pass of <see cref="Propagation.SpatialPropagation"/> in this process, or <see langword="null"/>.
    /// Such an exception cannot pass through libtorch. Instead, <c>backward()</c> throws an exception about a gradient of the wrong shape,
    /// <c>autograd.grad</c> returns NaN, and this property holds the cause.
    /// </summary>
    public static Exception? LastBackwardError => BackwardFailure.Last;

    /// <summary>
    /// Describes the system, the native libraries (which are loaded if necessary), the devices and the backend. Does not throw if native
    /// libraries are missing; <see cref="SpnEnvironment.Loading"/> then names the package to add.
    /// </summary>
    /// <example><code>Console.WriteLine(SpnDiagnostics.Describe());</code></example>
    public static SpnEnvironment Describe()
    {
        string? missing = null;
        try
        {
            NativeLibraries.EnsureLoaded();
        }
        catch (DllNotFoundException failure)
        {
            missing = failure.Message;
        }

        string? cudaObstacle = missing is null ? TorchCudaObstacle() : "torch did not load";
        int cudaDevices = cudaObstacle is null ? torch.cuda.device_count() : 0;
        LibStdCxx? libStdCxx = LibStdCxx.Find();
        return new SpnEnvironment
        {
            Spn = Version(typeof(SpnDiagnostics).Assembly),
            OperatingSystem = RuntimeInformation.OSDescription,
            Architecture = RuntimeInformation.ProcessArchitecture.ToString(),
            DotNet = $"{RuntimeInformation.FrameworkDescription} ({RuntimeInformation.RuntimeIdentifier})",
            LibStdCxx = libStdCxx is null ? null : $"{libStdCxx.Newest}, {libStdCxx.Path}",
            TorchSharp = Version(typeof(torch).Assembly) + (missing is null ? $" for libtorch {torch.__version__}" : ""),
            LibTorch = NativeFolders.Loaded("torch_cpu"),
            Loading = missing ?? NativeLibraries.Report ?? $"{NativeFolders.Loaded("LibTorchSharp")}, loaded by TorchSharp itself",
            Devices = missing is not null ? [] : ["cpu", .. Enumerable.Range(0, cudaDevices).Select(i => $"cuda:{i}")],
            Cuda = cudaObstacle ?? "available",
            SimdBits = (int)SimdLevels.Best,
            Processors = Environment.ProcessorCount,
            TorchThreads = missing is null ? torch.get_num_threads() : 0,
            Backend = BackendChoice.Describe(cudaDevices, CudaDevices.Shared),
        };
    }

    /// <summary>
    /// Why Spn cannot use the first CUDA device, which is torch's current device; <see langword="null"/> if it can.
    /// </summary>
    internal static string? CudaObstacle()
        => TorchCudaObstacle() ?? (CudaDevices.Shared.CanRun(0, torch.ScalarType.Float32, out _, out string? reason) ? null : reason);

    private static string? TorchCudaObstacle()
    {
        if (torch.cuda.is_available())
            return null;
        return (NativeFolders.Find("torch_cuda", typeof(torch).Assembly) ?? NativeFolders.Loaded("torch_cuda")) is { } library
            ? $"{library} finds no device: is an NVIDIA driver installed?"
            : "the app has no CUDA libtorch (packages TorchSharp-cuda-linux, TorchSharp-cuda-windows)";
    }

    private static string Version(Assembly assembly)
        => assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? assembly.GetName().Version!.ToString();
}
