using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using Spn.Orleans;

namespace CloudStorage;

/// <summary>Images, masks and outputs in a bucket of Amazon S3, or of a server with its protocol. Thread-safe.</summary>
/// <remarks>S3 shows an object when it is complete and stored, and the last writer wins.</remarks>
/// <param name="client">The client. Its own retries and time limits apply.</param>
/// <param name="bucket">The bucket, which must exist.</param>
/// <param name="prefix">What the keys begin with, for example <c>data/</c>.</param>
public sealed class S3Storage(IAmazonS3 client, string bucket, string prefix = "") : IJobStorage
{
    /// <inheritdoc/>
    public async Task<byte[]?> ReadAsync(string path, CancellationToken cancellation)
    {
        try
        {
            using GetObjectResponse found = await client.GetObjectAsync(bucket, prefix + path, cancellation);
            using MemoryStream content = new();
            await found.ResponseStream.CopyToAsync(content, cancellation);
            return content.ToArray();
        }
        catch (AmazonS3Exception e) when (e is { StatusCode: HttpStatusCode.NotFound, ErrorCode: "NoSuchKey" })
        {
            return null; // a bucket that is missing is an error
        }
    }

    /// <inheritdoc/>
    public async Task WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        using MemoryStream stream = new(content.ToArray());
        await client.PutObjectAsync(
            new PutObjectRequest { BucketName = bucket, Key = prefix + path, InputStream = stream }, cancellation);
    }
}
