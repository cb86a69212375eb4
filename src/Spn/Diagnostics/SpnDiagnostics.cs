using System.Runtime.InteropServices;
using Spn.Simd;
using Spn.Torch;

namespace Spn.Diagnostics;

/// <summary>Reports the environment in which Spn runs, and errors that could not be thrown as exceptions. Thread-safe.</summary>
public static class SpnDiagnostics
{
    /// <summary>
    /// The last error inside a backward pass of <see cref="SpatialPropagation"/> in this process, or <see langword="null"/>.
    /// Such an exception cannot pass through libtorch. Instead, this property holds the cause. On the CPU, <c>backward()</c> usually throws an
    /// exception about a gradient of the wrong shape. Otherwise, with <c>autograd.grad</c>, and on CUDA devices, the gradients are NaN.
    /// </summary>
    public static Exception? LastBackwardError => BackwardError.Last;

    /// <summary>
    /// Describes the system, the native libraries (which are loaded if necessary), the devices and the backend. Does not throw if native
    /// libraries are missing; <see cref="SpnEnvironment.Loading"/> then names the package to add.
    /// </summary>
    /// <example><code>Console.WriteLine(SpnDiagnostics.Describe());</code></example>
    public static SpnEnvironment Describe()
    {
        LibStdCxx? libStdCxx = LibStdCxx.Find();
        TorchEnvironment environment = CudaSupport.IsTorchSupported ? TorchEnvironment.Load() : TorchEnvironment.Missing(CudaSupport.Obstacle()!);
        return new SpnEnvironment
        {
            Spn = TorchEnvironment.VersionOf(typeof(SpnDiagnostics).Assembly),
            OperatingSystem = RuntimeInformation.OSDescription,
            Architecture = RuntimeInformation.ProcessArchitecture.ToString(),
            DotNet = $"{RuntimeInformation.FrameworkDescription} ({RuntimeInformation.RuntimeIdentifier})",
            LibStdCxx = libStdCxx is null ? null : $"{libStdCxx.Newest}, {libStdCxx.Path}",
            TorchSharp = environment.Version,
            LibTorch = environment.Library,
            Loading = environment.Loading,
            Devices = environment.Devices,
            Cuda = environment.Cuda,
            SimdBits = (int)SimdLevels.Best,
            Processors = Environment.ProcessorCount,
            TorchThreads = environment.Threads,
            Backend = environment.Backend,
        };
    }
}
