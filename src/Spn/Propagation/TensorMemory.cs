using System.Runtime.InteropServices;
using TorchSharp;

namespace Spn.Propagation;

/// <summary>The address of a tensor's elements.</summary>
internal static unsafe partial class TensorMemory
{
    /// <summary>The first element of a CPU tensor, storage offset included. The tensor must be kept alive while the pointer is used.</summary>
    /// <exception cref="ArgumentException">The tensor keeps no dense elements in memory (another layout than strided).</exception>
    public static void* Pointer(torch.Tensor tensor)
    {
        nint address = THSTensor_data(tensor.Handle);
        return address != 0 ? (void*)address : throw new ArgumentException($"The tensor {tensor.dtype} on {tensor.device} has no elements in memory.");
    }

    [LibraryImport("LibTorchSharp")]
    private static partial nint THSTensor_data(nint tensor);
}
