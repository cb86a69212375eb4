using System.Security.Cryptography;
using System.Text;

namespace Spn.Propagation.Cuda.Driver;

/// <summary>
/// Compiles kernels for one device architecture: to a cubin for exactly that architecture or, if NVRTC is older than the device, to PTX for
/// the newest architecture that NVRTC supports, which the driver then compiles further. Thread-safe.
/// </summary>
internal sealed class KernelCompiler
{
    /// <summary>The oldest supported architecture: sm_70, the first with independent thread scheduling.</summary>
    public const int MinArchitecture = 70;

    // From here on, kernels use clusters and st.async, an instruction that older compilers do not know.
    private const int ClusterArchitecture = 90;
    private static readonly Version s_asynchronousStores = new(12, 1);

    private readonly NvrtcApi _nvrtc;
    private readonly bool _toCubin;

    /// <param name="nvrtc">A compiler for which <see cref="Obstacle"/> returns null.</param>
    /// <param name="architecture">The device's compute capability, such as 90 for sm_90.</param>
    public KernelCompiler(NvrtcApi nvrtc, int architecture)
    {
        int target = Target(nvrtc, architecture);
        (_nvrtc, _toCubin) = (nvrtc, target == architecture);
        HasClusters = target >= ClusterArchitecture;
        Architecture = $"{(_toCubin ? "sm" : "compute")}_{target}";
    }

    /// <summary>The target architecture, such as <c>sm_90</c>, or <c>compute_90</c> for PTX.</summary>
    public string Architecture { get; }

    /// <summary>Whether the blocks of a compiled kernel can share a line as a cluster.</summary>
    public bool HasClusters { get; }

    /// <summary>The compiler, for display.</summary>
    public string Description => $"NVRTC {_nvrtc.Version} ({_nvrtc.Path})";

    /// <summary>Why the output of an NVRTC cannot run on a device; <see langword="null"/> if it can.</summary>
    /// <param name="nvrtc">The compiler.</param>
    /// <param name="driverVersion">The newest CUDA version that the driver supports, such as 12080 for 12.8.</param>
    /// <param name="architecture">The device's compute capability, such as 90 for sm_90.</param>
    public static string? Obstacle(NvrtcApi nvrtc, int driverVersion, int architecture)
    {
        var driver = new Version(driverVersion / 1000, driverVersion % 1000 / 10);
        string compiler = $"NVRTC {nvrtc.Version} ({nvrtc.Path})";
        int target = Target(nvrtc, architecture);
        if (target == 0)
            return $"{compiler} no longer compiles for sm_{architecture}";
        // A driver runs cubins of its own major version, but cannot read PTX that is newer than itself.
        if (driver.Major < nvrtc.Version.Major || (target < architecture && driver < nvrtc.Version))
            return $"the driver is too old for {compiler}: it supports CUDA {driver}";
        return null;
    }

    /// <summary>Compiles a kernel.</summary>
    /// <exception cref="CudaException">The kernel does not compile.</exception>
    public byte[] Compile(CudaKernel kernel) => Compile(kernel, KernelSources.Read(kernel.File));

    /// <summary>Compiles a kernel from another source, which may include the library's headers.</summary>
    /// <exception cref="CudaException">The kernel does not compile.</exception>
    public byte[] Compile(CudaKernel kernel, string source)
        => _nvrtc.Compile(kernel.File, source, KernelSources.Headers, [.. Options(kernel)], _toCubin, kernel.ToString());

    /// <summary>
    /// A cache key for the output of <see cref="Compile(CudaKernel)"/> that covers everything on which the output depends.
    /// </summary>
    public string Key(CudaKernel kernel)
    {
        var all = new StringBuilder($"NVRTC {_nvrtc.Version}\n{string.Join('\n', Options(kernel))}\n{KernelSources.Read(kernel.File)}");
        foreach ((string name, string text) in KernelSources.Headers)
            all.Append('\n').Append(name).Append('\n').Append(text);
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all.ToString())));
        return $"{Path.GetFileNameWithoutExtension(kernel.File)}-{Architecture}-{hash}";
    }

    private IEnumerable<string> Options(CudaKernel kernel)
        =>
        [
            $"-arch={Architecture}", "-std=c++17",
            .. kernel.Defines.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(define => $"-D{define}"),
        ];

    /// <summary>
    /// The device's architecture; otherwise the newest older architecture for which the compiler can compile the kernels; otherwise 0.
    /// </summary>
    private static int Target(NvrtcApi nvrtc, int architecture)
        => nvrtc.Architectures.LastOrDefault(
            known => known <= architecture && (known < ClusterArchitecture || nvrtc.Version >= s_asynchronousStores));
}
