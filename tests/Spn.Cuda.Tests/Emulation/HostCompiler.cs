using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using System.Text;
using Spn.Propagation.Cuda;
using Xunit;

namespace Spn.Cuda.Tests.Emulation;

/// <summary>Kernels as libraries for the host, compiled by g++ on their first use and kept in the temporary folder for later runs.</summary>
internal static class HostCompiler
{
    private static readonly Lazy<bool> s_found = new(() => CompilerProcess.Exists("g++"));
    private static readonly Lazy<string> s_emulator = new(BuildEmulator);
    private static readonly ConcurrentDictionary<string, Lazy<nint>> s_kernels = new();

    /// <summary>Skips the test where kernels cannot be emulated.</summary>
    public static void Require()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The emulator's libraries are built for Linux.");
        Assert.SkipUnless(s_found.Value, "There is no g++ to compile the kernels with.");
    }

    /// <summary>The emulator's launch function.</summary>
    public static nint Emulate() => NativeLibrary.GetExport(NativeLibrary.Load(s_emulator.Value), "emulate");

    /// <summary>The function that calls a kernel with a pointer to its argument. Options that a kernel also takes as arguments are left to those.</summary>
    public static nint Kernel(KernelFiles sources, CudaKernel kernel)
    {
        string[] options = [.. kernel.Defines.Split(' ').Where(define => !IsArgument(define)).Select(define => "-D" + define)];
        var key = new StringBuilder().AppendJoin(' ', [kernel.File, kernel.Entry, .. options]);
        foreach ((string name, string text) in sources.Files)
            key.Append('\0').Append(name).Append('\0').Append(text);
        return s_kernels.GetOrAdd(key.ToString(), key => new Lazy<nint>(() => BuildKernel(sources, kernel, options, key))).Value;
    }

    private static bool IsArgument(string define) => define.Split('=')[0]
        is "SPN_NORMALIZATION" or "SPN_GATES" or "SPN_INPUT_GATE" or "SPN_WARPS" or "SPN_COMBINE" or "SPN_DIRECTIONS" or "SPN_WINNERS" or "SPN_X_BY_DIRECTION" or "SPN_IN_PARTS";

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Emulation");

    private static string Own(string file) => Path.Combine(Folder, file);

    private static string OwnSources => string.Join('\0', Directory.GetFiles(Folder).Order(StringComparer.Ordinal).Select(File.ReadAllText));

    private static string BuildEmulator() => Cached("emulator", OwnSources, (library, _) => CompilerProcess.Run(
        "g++", ["-std=c++17", "-O2", "-fPIC", "-shared", "-Wall", "-Wextra", "-Werror", "-Wl,-soname," + Path.GetFileName(library), "-o", library + ".part", Own("emulator.cpp")]));

    private static nint BuildKernel(KernelFiles sources, CudaKernel kernel, string[] options, string key)
    {
        string emulator = s_emulator.Value;
        // FMA where the kernels say so and nowhere else; the hooks of two sanitizers, which the emulator defines, without their libraries.
        string[] flags =
        [
            "-std=c++17", "-Og", "-fPIC", "-fno-exceptions", "-ffp-contract=off", .. Fma.IsSupported ? ["-mfma"] : Array.Empty<string>(),
            "-Wall", "-Wextra", "-Werror", "-Wno-unknown-pragmas",
            "-fsanitize=thread", "--param=tsan-instrument-func-entry-exit=0", "-fsanitize=alignment,bounds", .. options,
            $"-DSPN_FILE=\"{kernel.File}\"", $"-DSPN_ENTRY={kernel.Entry}",
        ];
        string path = Cached(kernel.Entry, OwnSources + key + string.Join(' ', flags), (library, folder) =>
        {
            sources.WriteTo(folder);
            string code = Path.Combine(folder, "kernel.o");
            CompilerProcess.Run("g++", [.. flags, "-I", folder, "-I", Folder, "-c", Own("kernel.cpp"), "-o", code]);
            CompilerProcess.Run("g++", ["-shared", "-Wl,-z,now,-z,defs,-rpath,$ORIGIN", code, emulator, "-o", library + ".part"]);
        });
        return NativeLibrary.GetExport(NativeLibrary.Load(path), "call_kernel");
    }

    /// <summary>A library by the hash of what it is made of. The name appears when the library is whole, so processes may build it at once.</summary>
    private static string Cached(string name, string content, Action<string, string> build)
    {
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)))[..24];
        string cache = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"spn-emulation-{Environment.UserName}")).FullName;
        string library = Path.Combine(cache, $"{name}-{hash}.so");
        if (File.Exists(library))
            return library;
        string folder = Directory.CreateTempSubdirectory("spn-emulation-").FullName;
        try
        {
            string built = Path.Combine(folder, Path.GetFileName(library));
            build(built, folder);
            File.Move(built + ".part", library, overwrite: true);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return library;
    }
}
