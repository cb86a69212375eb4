using System.Reflection;
using Spn.Propagation.Cuda.Driver;
using Spn.Simd;
using TorchSharp;

namespace Spn.Torch;

/// <summary>What <see cref="Diagnostics.SpnEnvironment"/> says about TorchSharp; see there.</summary>
internal sealed record TorchEnvironment(
    string Version, string? Library, string Loading, IReadOnlyList<string> Devices, string Cuda, int Threads, string Backend)
{
    private static string CpuVectors => SimdLevels.Best == SimdLevel.Scalar ? "scalar code" : $"{(int)SimdLevels.Best}-bit vectors";

    /// <summary>Loads TorchSharp's native libraries if they are there.</summary>
    public static TorchEnvironment Load()
    {
        // TorchSharp itself would search NuGet's folder next, and copy libtorch from there.
        if (!NativeLibraries.ArePresent())
            return Missing(NativeLibraries.MissingPackage(typeof(torch).Assembly));
        try
        {
            NativeLibraries.EnsureLoaded();
        }
        catch (DllNotFoundException failure)
        {
            return Missing(failure.Message);
        }
        string? obstacle = CudaSupport.TorchObstacle();
        int devices = obstacle is null ? torch.cuda.device_count() : 0;
        return new TorchEnvironment(
            $"{VersionOf(typeof(torch).Assembly)} for libtorch {torch.__version__}",
            NativeFolders.Loaded("torch_cpu"),
            NativeLibraries.Report ?? $"{NativeFolders.Loaded("LibTorchSharp")}, loaded by TorchSharp itself",
            ["cpu", .. Enumerable.Range(0, devices).Select(i => $"cuda:{i}")],
            obstacle ?? "available",
            torch.get_num_threads(),
            BackendChoice.Describe(devices, CudaDevices.Shared));
    }

    /// <summary>There is no libtorch: refining works on the CPU.</summary>
    /// <param name="reason">Why.</param>
    public static TorchEnvironment Missing(string reason)
        => new("not loaded", null, reason, [], "torch did not load", 0, $"CPU with {CpuVectors}, the widest that this processor supports");

    /// <summary>The version that an assembly shows.</summary>
    public static string VersionOf(Assembly assembly)
        => assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? assembly.GetName().Version!.ToString();
}
