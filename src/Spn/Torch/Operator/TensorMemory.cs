using System.Runtime.InteropServices;
using TorchSharp;

namespace Spn.Torch;

/// <summary>Gives access to the memory of a tensor.</summary>
internal static unsafe partial class TensorMemory
{
    /// <summary>
    /// A pointer to the first element of a CPU tensor, including its storage offset. The tensor must be kept alive while the pointer is in
    /// use.
    /// </summary>
    /// <exception cref="ArgumentException">The tensor has no dense elements in memory, because its layout is not strided.</exception>
    public static void* Pointer(torch.Tensor tensor)
    {
        nint address = THSTensor_data(tensor.Handle);
        return address != 0
            ? (void*)address
            : throw new ArgumentException($"The tensor {tensor.dtype} on {tensor.device} has no elements in memory.");
    }

    [LibraryImport("LibTorchSharp")]
    private static partial nint THSTensor_data(nint tensor);
}
