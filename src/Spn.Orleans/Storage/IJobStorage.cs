namespace Spn.Orleans;

/// <summary>
/// Where a job's images, masks and outputs are. Every silo, and whoever submits a job, must see the same files. Implementations are
/// thread-safe.
/// </summary>
public interface IJobStorage
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">Its path, with <c>/</c>.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <returns>Its content; <see langword="null"/> if there is no such file.</returns>
    Task<byte[]?> ReadAsync(string path, CancellationToken cancellation);

    /// <summary>
    /// Writes a file, which replaces an older one. Readers see the old content or the whole new content, never a part. When the call
    /// returns, the file survives the end of the machine.
    /// </summary>
    /// <param name="path">Its path, with <c>/</c>. Folders are created.</param>
    /// <param name="content">Its content.</param>
    /// <param name="cancellation">Cancels the call.</param>
    Task WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellation);
}
