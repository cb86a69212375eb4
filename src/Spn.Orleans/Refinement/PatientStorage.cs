namespace Spn.Orleans.Refinement;

/// <summary>A storage that is asked again, because storage fails now and then without fault of the item. Thread-safe.</summary>
/// <param name="storage">The storage.</param>
/// <param name="waits">How long to wait before each further attempt.</param>
internal sealed class PatientStorage(IJobStorage storage, IReadOnlyList<TimeSpan> waits)
{
    /// <exception cref="StorageException">There is no such file, or it cannot be read.</exception>
    public async Task<byte[]> ReadAsync(string path, CancellationToken cancellation)
        => await FindAsync(path, cancellation).ConfigureAwait(false) ?? throw new StorageException($"There is no file '{path}'.");

    /// <exception cref="StorageException">The file cannot be read.</exception>
    public Task<byte[]?> FindAsync(string path, CancellationToken cancellation)
        => TryAsync(() => storage.ReadAsync(path, cancellation), cancellation);

    /// <exception cref="StorageException">The file cannot be written.</exception>
    public Task WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellation)
        => TryAsync(
            async () =>
            {
                await storage.WriteAsync(path, content, cancellation).ConfigureAwait(false);
                return true;
            },
            cancellation);

    private async Task<T> TryAsync<T>(Func<Task<T>> call, CancellationToken cancellation)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                return await call().ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                cancellation.ThrowIfCancellationRequested();
                if (IsFinal(e) || attempt == waits.Count)
                    throw new StorageException(e.Message, e);
            }
            await Task.Delay(waits[attempt], cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Whether another attempt would end in the same way.</summary>
    private static bool IsFinal(Exception e)
        => e is ArgumentException or NotSupportedException or PathTooLongException or UnauthorizedAccessException;
}

/// <summary>A file of an item cannot be read or written.</summary>
internal sealed class StorageException(string message, Exception? inner = null) : Exception(message, inner);
