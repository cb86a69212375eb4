using System.Reflection;
using System.Runtime.InteropServices;
using Spn.Guidance.Convolutions;
using Spn.Native;
using Spn.Propagation;
using Spn.Propagation.Cpu;
using Spn.Propagation.Cuda.Driver;
using TorchSharp;

namespace Spn.Diagnostics;

/// <summary>Tells what Spn runs on and what went wrong where no exception could say so.</summary>
public static class SpnDiagnostics
{
    /// <summary>
    /// The last error inside a backward pass of <see cref="Propagation.SpatialPropagation"/>, or <see langword="null"/>. An exception there cannot travel
    /// through libtorch: the caller of <c>backward()</c> gets one about a gradient of the wrong shape, the caller of <c>autograd.grad</c> gets NaN, and the cause is kept here.
    /// </summary>
    public static Exception? LastBackwardError { get; internal set; }

    /// <summary>
    /// Looks at the system, loads the native libraries if no earlier call has, and tells what was found. Does not throw where they are missing:
    /// <see cref="SpnEnvironment.Loading"/> then says which package to add.
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
            ReducedPrecision = ReducedPrecision.Best != torch.ScalarType.Float32,
            Processors = Environment.ProcessorCount,
            TorchThreads = missing is null ? torch.get_num_threads() : 0,
            Backend = BackendChoice.Describe(cudaDevices, CudaDevices.Shared),
        };
    }

    /// <summary>Why Spn cannot work on CUDA's first device, which is torch's current one; <see langword="null"/> where it can.</summary>
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
        => assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? assembly.GetName().Version!.ToString();
}
