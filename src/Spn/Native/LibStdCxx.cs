using System.Runtime.InteropServices;

namespace Spn.Native;

/// <summary>The C++ runtime library in this process (Linux), and what it offers.</summary>
internal sealed record LibStdCxx(string Path, IReadOnlyCollection<string> Versions)
{
    private const string Prefix = "GLIBCXX_";

    /// <summary>The newest symbol version, such as <c>GLIBCXX_3.4.30</c>, or <see langword="null"/> where the file names none.</summary>
    public string? Newest => Versions
        .Where(v => v.StartsWith(Prefix, StringComparison.Ordinal) && System.Version.TryParse(v[Prefix.Length..], out _))
        .MaxBy(v => System.Version.Parse(v[Prefix.Length..]));

    /// <summary>Finds the library that this process uses, and loads it if none of its libraries has; <see langword="null"/> where there is none to read.</summary>
    public static LibStdCxx? Find()
    {
        if (!OperatingSystem.IsLinux() || !NativeLibrary.TryLoad("libstdc++.so.6", out _))
            return null;
        try
        {
            string? path = File.ReadLines("/proc/self/maps")
                .Select(line => line.IndexOf('/') is var start and >= 0 ? line[start..] : "")
                .FirstOrDefault(mapped => System.IO.Path.GetFileName(mapped).StartsWith("libstdc++.so", StringComparison.Ordinal));
            return path is null ? null : new LibStdCxx(path, new ElfFile(File.ReadAllBytes(path)).DefinedVersions());
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or InvalidDataException or OverflowException)
        {
            return null;
        }
    }
}
