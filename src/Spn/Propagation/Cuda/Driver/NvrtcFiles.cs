using System.Runtime.InteropServices;
using Spn.Torch;
using TorchSharp;

namespace Spn.Propagation.Cuda.Driver;

/// <summary>
/// Finds NVRTC. It is part of the TorchSharp-cuda packages, under names that contain a hash, of a Python installation of PyTorch, and of
/// the CUDA toolkit.
/// </summary>
internal static class NvrtcFiles
{
    /// <summary>An environment variable with the full path of the NVRTC to use instead of any other.</summary>
    public const string Variable = "SPN_NVRTC";

    /// <summary>Candidates in descending order of likelihood: full paths, followed by names that the system's loader may resolve.</summary>
    public static IEnumerable<string> Candidates()
    {
        string? libtorch = NativeFolders.Loaded("torch_cuda.") ?? NativeFolders.Loaded("torch_cpu.")
            ?? NativeFolders.Find("torch", typeof(torch).Assembly);
        return Candidates(Path.GetDirectoryName(libtorch), Environment.GetEnvironmentVariable);
    }

    /// <param name="libtorch">The folder of libtorch.</param>
    /// <param name="variable">Returns the value of an environment variable.</param>
    public static IEnumerable<string> Candidates(string? libtorch, Func<string, string?> variable)
    {
        if (variable(Variable) is { Length: > 0 } chosen)
            return [chosen];
        IEnumerable<string> systems = OperatingSystem.IsWindows()
            ? ["nvrtc64_130_0.dll", "nvrtc64_120_0.dll", "nvrtc64_112_0.dll"]
            : ["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so"];
        return Folders(libtorch, variable).Where(Path.IsPathFullyQualified).Distinct().SelectMany(In).Concat(systems);
    }

    /// <summary>The NVRTC libraries in a folder, newest first.</summary>
    public static IEnumerable<string> In(string folder)
        => Files(folder).Where(path => IsNvrtc(Path.GetFileName(path))).OrderDescending(StringComparer.Ordinal);

    /// <summary>Preloads the nvrtc-builtins library next to an NVRTC, which NVRTC would otherwise look up by name only.</summary>
    public static void LoadBuiltins(string nvrtc)
    {
        if (Path.GetDirectoryName(nvrtc) is not { Length: > 0 } folder)
            return;
        foreach (string builtins in Files(folder).Where(path => IsBuiltins(Path.GetFileName(path))))
            NativeLibrary.TryLoad(builtins, out _);
    }

    private static bool IsBuiltins(string file)
        => (file.StartsWith("libnvrtc-builtins", StringComparison.Ordinal) && file.Contains(".so", StringComparison.Ordinal))
            || (file.StartsWith("nvrtc-builtins64_", StringComparison.OrdinalIgnoreCase) && IsDll(file));

    // The folder also contains nvrtc-builtins and, with .alt in its name, a variant for systems with another C++ library.
    private static bool IsNvrtc(string file)
        => ((file.StartsWith("libnvrtc.so", StringComparison.Ordinal) || file.StartsWith("libnvrtc-", StringComparison.Ordinal))
            && file.Contains(".so", StringComparison.Ordinal)
                && !file.Contains(".alt", StringComparison.Ordinal) && !IsBuiltins(file))
            || (file.StartsWith("nvrtc64_", StringComparison.OrdinalIgnoreCase) && IsDll(file)
                && !file.Contains(".alt", StringComparison.OrdinalIgnoreCase));

    private static bool IsDll(string file) => file.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<string> Folders(string? libtorch, Func<string, string?> variable)
    {
        if (libtorch is not null)
        {
            yield return libtorch;
            // Python's torch/lib is next to nvidia/cu13/lib or nvidia/cuda_nvrtc/lib (bin on Windows).
            string nvidia = Path.GetFullPath(Path.Combine(libtorch, "..", "..", "nvidia"));
            foreach (string package in Subfolders(nvidia))
            {
                yield return Path.Combine(package, "lib");
                yield return Path.Combine(package, "bin");
            }
        }

        foreach (string folder in NativeFolders.Searched(typeof(torch).Assembly))
            yield return folder;
        string path = variable(OperatingSystem.IsWindows() ? "PATH" : "LD_LIBRARY_PATH") ?? "";
        foreach (string folder in path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            yield return folder;
        string? usual = OperatingSystem.IsWindows() ? null : "/usr/local/cuda";
        foreach (string toolkit in new[] { variable("CUDA_PATH"), variable("CUDA_HOME"), usual }.OfType<string>())
        {
            yield return Path.Combine(toolkit, "lib64");
            yield return Path.Combine(toolkit, "bin");
            yield return Path.Combine(toolkit, "bin", "x64");
        }
    }

    private static string[] Files(string folder) => Listed(folder, Directory.GetFiles);

    private static string[] Subfolders(string folder) => Listed(folder, Directory.GetDirectories);

    private static string[] Listed(string folder, Func<string, string[]> list)
    {
        try
        {
            return Directory.Exists(folder) ? list(folder) : [];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
