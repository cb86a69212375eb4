using Spn.Propagation.Cpu;
using Spn.Propagation.Cuda;
using Spn.Propagation.Cuda.Driver;
using TorchSharp;

namespace Spn.Propagation;

/// <summary>Which backend computes a call: the CUDA kernels for tensors of a device where they can run, the CPU's for all others, which then move there and back.</summary>
internal static class BackendChoice
{
    /// <param name="type">The tensors' device.</param>
    /// <param name="index">Its number.</param>
    /// <param name="dtype">The tensors' type.</param>
    /// <param name="options">For the CPU, how many threads.</param>
    /// <param name="devices">The devices that there are.</param>
    public static IRoundBackend For(DeviceType type, int index, torch.ScalarType dtype, PropagationOptions options, CudaDevices devices)
        => type == DeviceType.CUDA && devices.CanRun(index, dtype, out CudaDevice? device, out _)
            ? new CudaRound(device)
            : new CpuRound(options.MaxThreads ?? torch.get_num_threads(), SimdLevels.Best);

    /// <summary>The choice for every device, for people.</summary>
    /// <param name="cudaDevices">How many CUDA devices torch can use.</param>
    /// <param name="devices">Those whose kernels can run.</param>
    public static string Describe(int cudaDevices, CudaDevices devices)
    {
        int bits = (int)SimdLevels.Best;
        IEnumerable<string> cuda = Enumerable.Range(0, cudaDevices).Select(i => devices.CanRun(i, torch.ScalarType.Float32, out CudaDevice? device, out string? reason)
            ? $"cuda:{i} with CUDA kernels: {device.Description}"
            : $"cuda:{i} on the CPU: {reason}");
        return string.Join("; ", [.. cuda, $"CPU with {(bits == 0 ? "scalar code" : $"{bits}-bit vectors")}, the widest that this processor allows"]);
    }
}
