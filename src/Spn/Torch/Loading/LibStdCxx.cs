using System.Runtime.InteropServices;

namespace Spn.Torch;

/// <summary>The C++ runtime library used by this process (Linux only).</summary>
/// <param name="Path">The full path of the library.</param>
/// <param name="Versions">The symbol versions that it defines.</param>
internal sealed record LibStdCxx(string Path, IReadOnlyCollection<string> Versions)
{
    private const string Prefix = "GLIBCXX_";

    /// <summary>
    /// The newest symbol version, such as <c>GLIBCXX_3.4.30</c>; <see langword="null"/> if the file defines none.
    /// </summary>
    public string? Newest => Versions
        .Where(v => v.StartsWith(Prefix, StringComparison.Ordinal) && Version.TryParse(v[Prefix.Length..], out _))
        .MaxBy(v => Version.Parse(v[Prefix.Length..]));

    /// <summary>
    /// Finds the library and loads it if it is not loaded yet; <see langword="null"/> if there is none or it cannot be read.
    /// </summary>
    public static LibStdCxx? Find()
    {
        if (!OperatingSystem.IsLinux() || !NativeLibrary.TryLoad("libstdc++.so.6", out _))
            return null;
        try
        {
            return NativeFolders.Loaded("libstdc++.so") is { } path
                ? new LibStdCxx(path, new ElfFile(File.ReadAllBytes(path)).DefinedVersions())
                : null;
        }
        catch (Exception unreadable)
            when (unreadable is IOException or UnauthorizedAccessException or InvalidDataException or OverflowException)
        {
            return null;
        }
    }
}
