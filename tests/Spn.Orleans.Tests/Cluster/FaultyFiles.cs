namespace Spn.Orleans.Tests.Cluster;

/// <summary>Files that can be away, or fail.</summary>
internal sealed class FaultyFiles(IJobStorage files) : IJobStorage
{
    /// <summary>Whether no file is there, as on a machine that has lost a network share.</summary>
    public bool IsGone { get; set; }

    /// <summary>Throws if a file cannot be read.</summary>
    public Action<string> Read { get; set; } = _ => { };

    /// <summary>Throws if a file cannot be written.</summary>
    public Action<string> Write { get; set; } = _ => { };

    public Task<byte[]?> ReadAsync(string path, CancellationToken cancellation)
    {
        Read(path);
        return IsGone ? Task.FromResult<byte[]?>(null) : files.ReadAsync(path, cancellation);
    }

    public Task WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        Write(path);
        return IsGone ? throw new IOException("The share is gone.") : files.WriteAsync(path, content, cancellation);
    }
}
