using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Spn.Torch;

/// <summary>Finds native libraries, in the app's folders or among those loaded in the process.</summary>
internal static class NativeFolders
{
    /// <summary>
    /// The full path of a library in the app's folders (the app's own folder, its runtimes folder, or the folder to which a single-file app
    /// is extracted), or <see langword="null"/>.
    /// </summary>
    /// <param name="library">The library's name without the platform's prefix and extension, such as <c>torch_cpu</c>.</param>
    /// <param name="user">The assembly that uses the library.</param>
    public static string? Find(string library, Assembly user)
    {
        string file =
            OperatingSystem.IsWindows() ? $"{library}.dll" :
            OperatingSystem.IsMacOS() ? $"lib{library}.dylib" : $"lib{library}.so";
        return Searched(user).Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
    }

    /// <summary>The full path of libtorch's CUDA library, in the app's folders or loaded, or <see langword="null"/>.</summary>
    public static string? FindCudaLibrary() => Find("torch_cuda", typeof(NativeFolders).Assembly) ?? Loaded("torch_cuda");

    /// <summary>The full path of a library that the process has loaded, or <see langword="null"/>.</summary>
    /// <param name="library">Part of the file name, such as <c>torch_cpu</c>.</param>
    public static string? Loaded(string library)
    {
        try
        {
            using var process = Process.GetCurrentProcess();
            return process.Modules.Cast<ProcessModule>()
                .Select(module => module.FileName)
                .FirstOrDefault(path => Path.GetFileName(path).Contains(library, StringComparison.Ordinal));
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException or PlatformNotSupportedException)
        {
            return null; // a restricted process
        }
    }

    /// <summary>
    /// The folders to search: those searched by the runtime, and the folders of the app and of the assembly with their runtimes folders.
    /// </summary>
    public static IEnumerable<string> Searched(Assembly user)
    {
        string searched = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        foreach (string folder in searched.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            yield return folder;

        string system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        string architecture = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64";
        foreach (string folder in new[] { AppContext.BaseDirectory, FolderOf(user) })
        {
            if (folder.Length == 0)
                continue;
            yield return folder;
            yield return Path.Combine(folder, "runtimes", $"{system}-{architecture}", "native");
        }
    }

    [UnconditionalSuppressMessage("SingleFile", "IL3000", Justification = "Empty in a single-file app, whose folder is AppContext.BaseDirectory.")]
    private static string FolderOf(Assembly user) => Path.GetDirectoryName(user.Location) ?? "";
}
