using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Spn.Refinement;

/// <summary>Recognizes out-of-memory errors of libtorch, its libraries and the driver, and reports them in one way.</summary>
internal static class DeviceMemory
{
    private static readonly string[] s_texts =
    [
        "out of memory", // libtorch on CUDA, the driver
        "ALLOC_FAILED", // cuBLAS, cuDNN
        "can't allocate memory", // libtorch on the CPU
        "not enough memory", // libtorch on the CPU, Windows
    ];

    /// <summary>Whether the failure is an out-of-memory error, so a smaller batch may succeed.</summary>
    public static bool IsShort(Exception failure)
        => failure is OutOfMemoryException || (failure is ExternalException && s_texts.Any(text => failure.Message.Contains(text, StringComparison.Ordinal)));

    /// <summary>Does work that cannot be split.</summary>
    /// <param name="work">The subject of the sentence in the exception.</param>
    /// <param name="image"><c>[N, 3, H, W]</c>.</param>
    /// <param name="device">The device that does the work.</param>
    /// <param name="pass">The work.</param>
    /// <exception cref="InsufficientMemoryException">The device has too little memory.</exception>
    public static Tensor Require(string work, Tensor image, Device device, Func<Tensor> pass)
    {
        try
        {
            return pass();
        }
        catch (Exception failure) when (IsShort(failure))
        {
            throw Exception(work, image, device, failure);
        }
    }

    private static InsufficientMemoryException Exception(string work, Tensor image, Device device, Exception cause)
    {
        string images = image.shape[0] == 1 ? "an image" : $"{image.shape[0]} images";
        string help = device.type == TorchSharp.DeviceType.CPU ? "" : ", or OnCpu()";
        return new InsufficientMemoryException(
            $"{work} for {images} of {image.shape[3]} x {image.shape[2]} pixels needs more memory than {device} has free. " +
            $"Use a smaller image{(image.shape[0] == 1 ? "" : ", fewer images per call")}{help}. The refiner stays usable.", cause);
    }
}
