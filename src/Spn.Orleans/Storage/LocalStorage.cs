using Spn.Orleans.Storage;

namespace Spn.Orleans;

/// <summary>Files below a folder: of a local disk, or of a network share that all machines mount at the same path. Thread-safe.</summary>
public sealed class LocalStorage : IJobStorage
{
    private readonly string _root;

    /// <summary>Makes a storage of a folder.</summary>
    /// <param name="root">The folder. Paths are relative to it.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public LocalStorage(string root)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        _root = Path.GetFullPath(root);
        if (!Directory.Exists(_root))
            throw new DirectoryNotFoundException($"There is no folder '{root}'.");
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The path is absolute or leads out of the folder of this storage.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public async Task<byte[]?> ReadAsync(string path, CancellationToken cancellation)
    {
        string file = Resolve(path);
        try
        {
            return await File.ReadAllBytesAsync(file, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The path is absolute or leads out of the folder of this storage.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public async Task WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        string file = Resolve(path), folder = Path.GetDirectoryName(file)!;
        string temporary = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp"); // not longer than names of files may be
        CreateFolder(folder);
        try
        {
            await using (FileStream stream = new(
                temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: true))
            {
                await stream.WriteAsync(content, cancellation).ConfigureAwait(false);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, file, overwrite: true);
            FolderEntries.Flush(folder);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private string Resolve(string path)
    {
        string file = Path.GetFullPath(Path.Combine(_root, StoragePath.Normalize(path)));
        string root = Path.EndsInDirectorySeparator(_root) ? _root : _root + Path.DirectorySeparatorChar;
        return file.StartsWith(root, StringComparison.Ordinal)
            ? file
            : throw new ArgumentException($"'{path}' lies outside the storage's folder '{_root}'.");
    }

    private void CreateFolder(string folder)
    {
        if (folder == _root || Directory.Exists(folder))
            return;
        string parent = Path.GetDirectoryName(folder)!;
        CreateFolder(parent);
        Directory.CreateDirectory(folder);
        FolderEntries.Flush(parent);
    }
}
