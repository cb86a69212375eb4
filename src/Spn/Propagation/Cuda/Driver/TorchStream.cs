using System.Runtime.InteropServices;
using Spn.Native;

namespace Spn.Propagation.Cuda.Driver;

/// <summary>
/// libtorch's current stream of a thread and device, on which its own operations run: kernels launched there come after what made their inputs and before what
/// reads their results.
/// </summary>
internal static unsafe class TorchStream
{
    private static readonly Lazy<Func<int, nint>> s_loaded = new(() => Of(NativeFolders.Loaded("torch_cuda.")));

    /// <summary>The stream of the calling thread on a device; 0, the legacy default stream, where no CUDA libtorch is loaded.</summary>
    public static nint Current(int device) => s_loaded.Value(device);

    /// <summary>The same for a libtorch_cuda; one that cannot tell has its work on the legacy default stream.</summary>
    public static Func<int, nint> Of(string? library)
    {
        if (library is null || !NativeLibrary.TryLoad(library, out nint handle) || !NativeLibrary.TryGetExport(handle, "aoti_torch_get_current_cuda_stream", out nint export))
            return _ => 0;
        var current = (delegate* unmanaged<int, nint*, int>)export;
        return device =>
        {
            nint stream;
            int code = current(device, &stream);
            return code == 0 ? stream : throw new CudaException($"libtorch gives no current stream for cuda:{device} (aoti_torch_get_current_cuda_stream: {code}).", code);
        };
    }
}
