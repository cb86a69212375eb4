using System.Runtime.InteropServices;
using Spn.Torch;

namespace Spn.Propagation.Cuda.Driver;

/// <summary>
/// libtorch's current stream for a thread and device. Kernels launched on it run after the operations that compute their inputs and before
/// those that read their results.
/// </summary>
internal static unsafe class TorchStream
{
    private static readonly Lazy<Func<int, nint>> s_loaded = new(() => Of(NativeFolders.Loaded("torch_cuda.")));

    /// <summary>
    /// The calling thread's stream on a device; 0, the legacy default stream, if no CUDA libtorch is loaded.
    /// </summary>
    public static nint Current(int device) => s_loaded.Value(device);

    /// <summary>
    /// Returns the same for a given libtorch_cuda; if it cannot report its stream, its work runs on the legacy default stream.
    /// </summary>
    public static Func<int, nint> Of(string? library)
    {
        if (library is null || !NativeLibrary.TryLoad(library, out nint handle)
            || !NativeLibrary.TryGetExport(handle, "aoti_torch_get_current_cuda_stream", out nint export))
            return _ => 0;
        var current = (delegate* unmanaged<int, nint*, int>)export;
        return device =>
        {
            nint stream;
            int code = current(device, &stream);
            if (code == 0)
                return stream;
            throw new CudaException(
                $"libtorch reports no current stream for cuda:{device} (aoti_torch_get_current_cuda_stream returned {code}).", code);
        };
    }
}
