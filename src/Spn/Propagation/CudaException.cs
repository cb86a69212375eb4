using System.Runtime.InteropServices;

namespace Spn.Propagation;

/// <summary>
/// A call into the NVIDIA driver or its compiler, NVRTC, failed. The message names the function and the error and, if available, the kernel
/// and the compiler's log.
/// </summary>
public sealed class CudaException : ExternalException
{
    /// <param name="message">What failed and why.</param>
    /// <param name="code">The error code of the driver or NVRTC.</param>
    internal CudaException(string message, int code)
        : base(message, code)
    {
    }
}
