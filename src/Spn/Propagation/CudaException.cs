using System.Runtime.InteropServices;

namespace Spn.Propagation;

/// <summary>
/// A call into NVIDIA's driver or its compiler NVRTC failed. The message names the function, the error, and the kernel and compiler's log where there are such.
/// </summary>
public sealed class CudaException : ExternalException
{
    /// <param name="message">What failed and why.</param>
    /// <param name="code">The driver's or NVRTC's number of the error.</param>
    internal CudaException(string message, int code)
        : base(message, code)
    {
    }
}
