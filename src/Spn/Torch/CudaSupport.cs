using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Spn.Models;
using Spn.Propagation.Cuda.Driver;
using TorchSharp;

namespace Spn.Torch;

/// <summary>
/// Where the CPU's code meets TorchSharp: it asks here whether there is a CUDA device to use. Nothing of TorchSharp is touched, and no native
/// library is loaded, unless the app has a CUDA libtorch.
/// </summary>
internal static class CudaSupport
{
    private const string NoLibrary = "the app has no CUDA libtorch (packages TorchSharp-cuda-linux, TorchSharp-cuda-windows)";

    /// <summary>
    /// Whether the app may use TorchSharp. <see langword="false"/> in trimmed and native apps, from which TorchSharp is then removed; see
    /// buildTransitive/Spn.targets.
    /// </summary>
    [FeatureSwitchDefinition("Spn.TorchSharp.IsSupported")]
    public static bool IsTorchSupported
        => !AppContext.TryGetSwitch("Spn.TorchSharp.IsSupported", out bool supported) ? RuntimeFeature.IsDynamicCodeSupported : supported;

    /// <summary>Whether <see cref="Obstacle"/> is <see langword="null"/>; loads libtorch only if the app has one for CUDA.</summary>
    public static bool IsUsable() => Obstacle() is null;

    /// <summary>
    /// Why Spn cannot use the first CUDA device, which is torch's current device; <see langword="null"/> if it can.
    /// </summary>
    public static string? Obstacle()
    {
        if (!IsTorchSupported)
            return "the app was published without TorchSharp, because it is trimmed or native (property SpnTorchSharp)";
        return NativeFolders.FindCudaLibrary() is null ? NoLibrary : DeviceObstacle();
    }

    /// <summary>The model on the current CUDA device.</summary>
    public static IRefinementMethod OnCuda(SpnModel model)
        => IsTorchSupported ? DeviceModel.OnCuda(model) : throw new NotSupportedException(Obstacle());

    /// <summary>Why torch itself cannot use CUDA. Loads libtorch.</summary>
    public static string? TorchObstacle()
    {
        if (torch.cuda.is_available())
            return null;
        return NativeFolders.FindCudaLibrary() is { } library ? $"{library} finds no device: is an NVIDIA driver installed?" : NoLibrary;
    }

    // Apart from its caller, so that TorchSharp is not loaded for an app that has no CUDA libtorch.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static string? DeviceObstacle()
    {
        try
        {
            NativeLibraries.EnsureLoaded();
        }
        catch (DllNotFoundException e)
        {
            return e.Message;
        }
        return TorchObstacle() ?? (CudaDevices.Shared.CanRun(0, torch.ScalarType.Float32, out _, out string? reason) ? null : reason);
    }
}
