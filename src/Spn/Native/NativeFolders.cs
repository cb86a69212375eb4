using System.Reflection;
using System.Runtime.InteropServices;

namespace Spn.Native;

/// <summary>Where an app's native libraries lie: beside it, in its runtimes folder, or where a single file unpacked them.</summary>
internal static class NativeFolders
{
    /// <summary>The full path of a library in the app's own folders, or <see langword="null"/>.</summary>
    /// <param name="file">A file name such as <c>libtorch.so</c>.</param>
    /// <param name="user">The assembly whose libraries are wanted.</param>
    public static string? Find(string file, Assembly user)
        => All(user).Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);

    private static IEnumerable<string> All(Assembly user)
    {
        string searched = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        foreach (string folder in searched.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            yield return folder;

        string beside = Path.GetDirectoryName(user.Location) ?? "";
        foreach (string folder in new[] { AppContext.BaseDirectory, beside })
        {
            if (folder.Length == 0)
                continue;
            yield return folder;
            yield return Path.Combine(folder, "runtimes", RuntimeInformation.RuntimeIdentifier, "native");
            yield return Path.Combine(folder, "runtimes", "linux-x64", "native");
        }
    }
}
