using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Spn.Torch;

/// <summary>Recognizes out-of-memory errors of libtorch, its libraries and the driver, and reports them in one way.</summary>
internal static class MemoryShortage
{
    private static readonly string[] s_texts =
    [
        "out of memory", // libtorch on CUDA, the driver
        "ALLOC_FAILED", // cuBLAS, cuDNN
        "can't allocate memory", // libtorch on the CPU
        "not enough memory", // libtorch on the CPU, Windows
    ];

    /// <summary>Whether the failure is an out-of-memory error, so a smaller batch may succeed.</summary>
    public static bool IsCauseOf(Exception failure)
        => failure is OutOfMemoryException
            || (failure is ExternalException && s_texts.Any(text => failure.Message.Contains(text, StringComparison.Ordinal)));

    /// <summary>The exception for a device with too little memory.</summary>
    /// <param name="work">The subject of the sentence in the exception.</param>
    /// <param name="width">Pixels per row of the image.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="device">The device.</param>
    /// <param name="cause">The error.</param>
    public static InsufficientMemoryException Exception(string work, int width, int height, Device device, Exception cause) => new(
        $"{work} for an image of {width} x {height} pixels needs more memory than {device} has free. " +
        "Use a smaller image, or OnCpu(). The refiner stays usable.", cause);
}
