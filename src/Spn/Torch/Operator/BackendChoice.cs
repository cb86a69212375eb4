using Spn.Propagation;
using Spn.Propagation.Cuda;
using Spn.Propagation.Cuda.Driver;
using Spn.Simd;
using TorchSharp;

namespace Spn.Torch;

/// <summary>
/// Chooses the backend of a call: the CUDA kernels for tensors on a device that can run them, and the CPU kernels for all other tensors,
/// which are then copied to the CPU and back.
/// </summary>
internal static class BackendChoice
{
    /// <param name="type">The tensors' device type.</param>
    /// <param name="index">The device index.</param>
    /// <param name="dtype">The tensors' element type.</param>
    /// <param name="options">Supplies the number of CPU threads.</param>
    /// <param name="devices">The available CUDA devices.</param>
    public static IPropagationBackend For(
        DeviceType type, int index, torch.ScalarType dtype, PropagationOptions options, CudaDevices devices)
        => type == DeviceType.CUDA && devices.CanRun(index, dtype, out CudaDevice? device, out _)
            ? new CudaBackend(device)
            : new CpuBackend(options.MaxThreads ?? torch.get_num_threads(), SimdLevels.Best);

    /// <summary>Describes the choice for every device, for display.</summary>
    /// <param name="cudaDevices">Number of CUDA devices that torch can use.</param>
    /// <param name="devices">The CUDA devices and whether they can run the kernels.</param>
    public static string Describe(int cudaDevices, CudaDevices devices)
    {
        int bits = (int)SimdLevels.Best;
        IEnumerable<string> cuda = Enumerable.Range(0, cudaDevices).Select(
            i => devices.CanRun(i, torch.ScalarType.Float32, out CudaDevice? device, out string? reason)
                ? $"cuda:{i} with CUDA kernels: {device.Description}"
                : $"cuda:{i} on the CPU: {reason}");
        string vectors = bits == 0 ? "scalar code" : $"{bits}-bit vectors";
        return string.Join("; ", [.. cuda, $"CPU with {vectors}, the widest that this processor supports"]);
    }
}
