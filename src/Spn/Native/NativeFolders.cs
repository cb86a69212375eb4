using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Spn.Native;

/// <summary>Where native libraries lie: in the app's own folders, and, once loaded, in the process.</summary>
internal static class NativeFolders
{
    /// <summary>The full path of a library in the app's folders (beside it, in its runtimes folder, or where a single file unpacked it), or <see langword="null"/>.</summary>
    /// <param name="library">A name such as <c>torch_cpu</c>, without the system's prefix and ending.</param>
    /// <param name="user">The assembly whose library is wanted.</param>
    public static string? Find(string library, Assembly user)
    {
        string file =
            OperatingSystem.IsWindows() ? $"{library}.dll" :
            OperatingSystem.IsMacOS() ? $"lib{library}.dylib" : $"lib{library}.so";
        return Searched(user).Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
    }

    /// <summary>The full path of a library that the process has loaded, or <see langword="null"/>.</summary>
    /// <param name="library">A part of the file's name, such as <c>torch_cpu</c>.</param>
    public static string? Loaded(string library)
    {
        using var process = Process.GetCurrentProcess();
        return process.Modules.Cast<ProcessModule>()
            .Select(module => module.FileName)
            .FirstOrDefault(path => Path.GetFileName(path).Contains(library, StringComparison.Ordinal));
    }

    /// <summary>The app's folders: those the runtime searches, the app's own and the assembly's, with their runtimes folders.</summary>
    public static IEnumerable<string> Searched(Assembly user)
    {
        string searched = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        foreach (string folder in searched.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            yield return folder;

        string system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        string architecture = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64";
        string beside = Path.GetDirectoryName(user.Location) ?? "";
        foreach (string folder in new[] { AppContext.BaseDirectory, beside })
        {
            if (folder.Length == 0)
                continue;
            yield return folder;
            yield return Path.Combine(folder, "runtimes", $"{system}-{architecture}", "native");
        }
    }
}
