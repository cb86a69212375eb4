using System.Text;

namespace Spn.Shared;

/// <summary>Writes files completely or not at all: under a temporary name in the same folder, renamed at the end.</summary>
internal static class AtomicFile
{
    /// <exception cref="DirectoryNotFoundException">The folder of the path does not exist.</exception>
    public static void Write(string path, string text) => Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <inheritdoc cref="Write(string, string)"/>
    public static void Write(string path, Action<FileStream> write)
    {
        (string target, string temporary) = Prepare(path);
        try
        {
            using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write))
                write(stream);
            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <inheritdoc cref="Write(string, string)"/>
    public static async Task WriteAsync(string path, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        (string target, string temporary) = Prepare(path);
        try
        {
            await File.WriteAllBytesAsync(temporary, bytes, cancellation).ConfigureAwait(false);
            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static (string Target, string Temporary) Prepare(string path)
    {
        string target = Path.GetFullPath(path);
        if (!Directory.Exists(Path.GetDirectoryName(target)))
            throw new DirectoryNotFoundException($"The folder of '{path}' does not exist.");
        return (target, $"{target}.{Guid.NewGuid():N}.tmp");
    }
}
