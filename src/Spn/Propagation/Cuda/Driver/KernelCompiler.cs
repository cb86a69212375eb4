using System.Security.Cryptography;
using System.Text;

namespace Spn.Propagation.Cuda.Driver;

/// <summary>
/// Compiles kernels for one kind of device: to a cubin for exactly its architecture, or, where this NVRTC is older than the device, to PTX for the newest
/// architecture that it knows, which the driver compiles on. Thread-safe.
/// </summary>
internal sealed class KernelCompiler
{
    /// <summary>The oldest devices that the kernels are made for: sm_70, whose threads make progress one by one.</summary>
    public const int OldestArchitecture = 70;

    private readonly NvrtcApi _nvrtc;
    private readonly bool _toCubin;

    /// <param name="nvrtc">The compiler, one without an <see cref="Obstacle"/>.</param>
    /// <param name="architecture">The device's.</param>
    public KernelCompiler(NvrtcApi nvrtc, int architecture)
    {
        int target = Target(nvrtc, architecture);
        (_nvrtc, _toCubin) = (nvrtc, target == architecture);
        Architecture = $"{(_toCubin ? "sm" : "compute")}_{target}";
    }

    /// <summary>What it compiles for, such as <c>sm_90</c>, or <c>compute_90</c> for PTX.</summary>
    public string Architecture { get; }

    /// <summary>The compiler, for people.</summary>
    public string Description => $"NVRTC {_nvrtc.Version} ({_nvrtc.Path})";

    /// <summary>Why what this NVRTC makes would not run there; <see langword="null"/> where it does.</summary>
    /// <param name="nvrtc">The compiler.</param>
    /// <param name="driverVersion">The newest CUDA that the driver supports, such as 12080.</param>
    /// <param name="architecture">The device's.</param>
    public static string? Obstacle(NvrtcApi nvrtc, int driverVersion, int architecture)
    {
        var driver = new Version(driverVersion / 1000, driverVersion % 1000 / 10);
        string compiler = $"NVRTC {nvrtc.Version} ({nvrtc.Path})";
        int target = Target(nvrtc, architecture);
        if (target == 0)
            return $"{compiler} no longer compiles for sm_{architecture}";
        // A driver runs the cubins of its major version, but reads no PTX newer than itself.
        if (driver.Major < nvrtc.Version.Major || (target < architecture && driver < nvrtc.Version))
            return $"the driver is too old for {compiler}: it supports CUDA {driver}";
        return null;
    }

    /// <summary>Compiles a kernel.</summary>
    /// <exception cref="CudaException">It does not compile.</exception>
    public byte[] Compile(CudaKernel kernel) => Compile(kernel, KernelSources.Read(kernel.File));

    /// <summary>Compiles a kernel of another source, which may include the library's.</summary>
    /// <exception cref="CudaException">It does not compile.</exception>
    public byte[] Compile(CudaKernel kernel, string source)
        => _nvrtc.Compile(kernel.File, source, KernelSources.Headers, [.. Options(kernel)], _toCubin, kernel.ToString());

    /// <summary>A name for what <see cref="Compile(CudaKernel)"/> makes, different for everything it depends on.</summary>
    public string Key(CudaKernel kernel)
    {
        var all = new StringBuilder($"NVRTC {_nvrtc.Version}\n{string.Join('\n', Options(kernel))}\n{KernelSources.Read(kernel.File)}");
        foreach ((string name, string text) in KernelSources.Headers)
            all.Append('\n').Append(name).Append('\n').Append(text);
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all.ToString())));
        return $"{Path.GetFileNameWithoutExtension(kernel.File)}-{Architecture}-{hash}";
    }

    private IEnumerable<string> Options(CudaKernel kernel)
        => [$"-arch={Architecture}", "-std=c++17", .. kernel.Defines.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(define => $"-D{define}")];

    /// <summary>The device's architecture, else the newest one below it that the compiler knows, else 0.</summary>
    private static int Target(NvrtcApi nvrtc, int architecture) => nvrtc.Architectures.LastOrDefault(known => known <= architecture);
}
