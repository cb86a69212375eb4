using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Spn.Orleans;

namespace CloudStorage;

/// <summary>Images, masks and outputs in a container of Azure Blob Storage. Thread-safe.</summary>
/// <remarks>A blob of one upload appears when it is complete and stored, and the last writer wins.</remarks>
/// <param name="container">The container, which must exist. Its client's retries and time limits apply.</param>
/// <param name="prefix">What the names begin with, for example <c>data/</c>.</param>
public sealed class BlobStorage(BlobContainerClient container, string prefix = "") : IJobStorage
{
    /// <inheritdoc/>
    public async Task<byte[]?> ReadAsync(string path, CancellationToken cancellation)
    {
        try
        {
            BlobDownloadResult found = await container.GetBlobClient(prefix + path).DownloadContentAsync(cancellation);
            return found.Content.ToArray();
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.BlobNotFound)
        {
            return null; // a container that is missing is an error
        }
    }

    /// <inheritdoc/>
    public async Task WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellation)
        => await container.GetBlobClient(prefix + path).UploadAsync(new BinaryData(content), overwrite: true, cancellation);
}
