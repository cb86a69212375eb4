using System.Security.Cryptography;
using Spn.Shared;

namespace Spn.Propagation.Cuda.Driver;

/// <summary>
/// Caches compiled kernels on disk, shared by all processes of a user. An entry starts with the hash of its content, so a damaged entry is
/// ignored. A folder that cannot be read or written is not an error: the kernels are compiled again.
/// </summary>
/// <param name="folder">The cache folder, which is created when needed; <see langword="null"/> disables the cache.</param>
internal sealed class KernelCache(string? folder)
{
    /// <summary>
    /// The folder below the user's cache folder: $XDG_CACHE_HOME or ~/.cache, or %LOCALAPPDATA% on Windows. <see langword="null"/> if the
    /// user has none.
    /// </summary>
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

    /// <summary>Reads an entry; <see langword="null"/> if there is no intact entry.</summary>
    public byte[]? Read(string key)
    {
        try
        {
            if (folder is null || !File.Exists(PathOf(key)))
                return null;
            byte[] entry = File.ReadAllBytes(PathOf(key));
            int hash = SHA256.HashSizeInBytes;
            return entry.Length > hash && SHA256.HashData(entry.AsSpan(hash)).AsSpan().SequenceEqual(entry.AsSpan(0, hash))
                ? entry[hash..]
                : null;
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
            // The next process will compile the kernel again.
        }
    }

    private string PathOf(string key) => Path.Combine(folder!, $"{key}.kernel");
}
