using Spn.Propagation.Cuda;
using Xunit;

namespace Spn.Cuda.Tests.Ptx;

/// <summary>Kernels as PTX, by Debian's clang, which needs nothing of NVIDIA's. It knows the language and the instructions, not what inline assembly says.</summary>
internal static class PtxCompiler
{
    private const string Clang = "clang-19";

    private static readonly Lazy<bool> s_found = new(() => CompilerProcess.Exists(Clang));

    public static void Require() => Assert.SkipUnless(s_found.Value, $"There is no {Clang} to compile the kernels to PTX with.");

    /// <param name="kernel">The kernel.</param>
    /// <param name="architecture">The compute capability, such as 90.</param>
    /// <param name="sources">A folder with the kernels' files.</param>
    public static string Compile(CudaKernel kernel, int architecture, string sources) => CompilerProcess.Run(Clang,
    [
        "-x", "cuda", "--cuda-device-only", $"--cuda-gpu-arch=sm_{architecture}", "--cuda-feature=+ptx80", "-nocudainc", "-nocudalib", "-nostdinc", "-std=c++17", "-O3",
        "-Wall", "-Wextra", "-Werror", "-Wno-unknown-cuda-version", "-Wno-unused-variable", "-Wno-unused-parameter", "-include", Path.Combine(AppContext.BaseDirectory, "Ptx", "ptx.h"),
        .. kernel.Defines.Split(' ').Select(define => "-D" + define),
        "-S", Path.Combine(sources, kernel.File), "-o", "-",
    ]);
}
