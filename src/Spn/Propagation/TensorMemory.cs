using System.Runtime.InteropServices;
using TorchSharp;

namespace Spn.Propagation;

/// <summary>The address of a tensor's elements.</summary>
internal static unsafe partial class TensorMemory
{
    /// <summary>The first element of a CPU tensor, storage offset included. The tensor must be kept alive while the pointer is used.</summary>
    public static void* Pointer(torch.Tensor tensor) => (void*)THSTensor_data(tensor.Handle);

    [LibraryImport("LibTorchSharp")]
    private static partial nint THSTensor_data(nint tensor);
}
