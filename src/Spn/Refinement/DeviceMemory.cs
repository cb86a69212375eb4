using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Spn.Refinement;

/// <summary>A device that is out of memory: how libtorch, its libraries and the driver say so, and how Spn does.</summary>
internal static class DeviceMemory
{
    private static readonly string[] s_texts =
    [
        "out of memory", // libtorch on CUDA, the driver
        "ALLOC_FAILED", // cuBLAS, cuDNN
        "can't allocate memory", // libtorch on the CPU
        "not enough memory", // libtorch on the CPU, Windows
    ];

    /// <summary>Whether less work at once may succeed where this failed.</summary>
    public static bool IsShort(Exception failure)
        => failure is OutOfMemoryException || (failure is ExternalException && s_texts.Any(text => failure.Message.Contains(text, StringComparison.Ordinal)));

    /// <summary>Does work that cannot be done in smaller pieces.</summary>
    /// <param name="work">What it is, as a sentence's subject.</param>
    /// <param name="image"><c>[N, 3, H, W]</c>.</param>
    /// <param name="device">Where.</param>
    /// <param name="pass">The work.</param>
    /// <exception cref="InsufficientMemoryException">The device is short of memory.</exception>
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
        string images = image.shape[0] == 1 ? "an image" : $"{image.shape[0]} images at once";
        string help = device.type == TorchSharp.DeviceType.CPU ? "" : ", or OnCpu()";
        return new InsufficientMemoryException(
            $"{work} for {images} of {image.shape[3]} x {image.shape[2]} pixels needs more memory than {device} has free. " +
            $"A smaller image helps{(image.shape[0] == 1 ? "" : ", fewer images at once")}{help}. The refiner stays usable.", cause);
    }
}
