using System.Security.Cryptography;

namespace Spn.Propagation.Cuda.Driver;

/// <summary>
/// Compiled kernels on disk, shared by all processes of a user. An entry begins with the hash of the rest, so that a damaged one counts as none. A folder that
/// cannot be read or written makes no error: kernels are compiled again.
/// </summary>
/// <param name="folder">Where entries lie; made when first needed. <see langword="null"/> keeps nothing.</param>
internal sealed class KernelCache(string? folder)
{
    /// <summary>In the user's cache folder: $XDG_CACHE_HOME or ~/.cache, on Windows %LOCALAPPDATA%. <see langword="null"/> for a user without one.</summary>
    public static string? UserFolder
    {
        get
        {
            string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            string? caches = OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
                : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } chosen ? chosen
                : home.Length > 0 ? Path.Combine(home, ".cache") : null;
            return Path.IsPathFullyQualified(caches ?? "") ? Path.Combine(caches!, "spn", "kernels") : null;
        }
    }

    /// <summary>An entry, or <see langword="null"/> where there is none that is whole.</summary>
    public byte[]? Read(string key)
    {
        try
        {
            if (folder is null || !File.Exists(PathOf(key)))
                return null;
            byte[] entry = File.ReadAllBytes(PathOf(key));
            int hash = SHA256.HashSizeInBytes;
            return entry.Length > hash && SHA256.HashData(entry.AsSpan(hash)).AsSpan().SequenceEqual(entry.AsSpan(0, hash)) ? entry[hash..] : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Adds or replaces an entry.</summary>
    public void Write(string key, byte[] image)
    {
        try
        {
            if (folder is null)
                return;
            Directory.CreateDirectory(folder);
            AtomicFile.Write(PathOf(key), stream =>
            {
                stream.Write(SHA256.HashData(image));
                stream.Write(image);
            });
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            // Then the next process compiles it again.
        }
    }

    private string PathOf(string key) => Path.Combine(folder!, $"{key}.kernel");
}
