using System.Collections.Concurrent;
using Spn.Orleans.Refinement;

namespace Spn.Orleans.Tests.Cluster;

/// <summary>Files in memory, which know what was written.</summary>
internal sealed class MemoryFiles : IJobStorage
{
    private readonly ConcurrentDictionary<string, byte[]> _files = new();

    /// <summary>Every write, with the hash of its content.</summary>
    public ConcurrentQueue<(string Path, string Hash)> Writes { get; } = new();

    public Task<byte[]?> ReadAsync(string path, CancellationToken cancellation) => Task.FromResult(_files.GetValueOrDefault(path));

    public Task WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        _files[path] = content.ToArray();
        Writes.Enqueue((path, ContentHash.Of(content.Span)));
        return Task.CompletedTask;
    }
}
