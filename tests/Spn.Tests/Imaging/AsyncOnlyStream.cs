namespace Spn.Tests.Imaging;

/// <summary>A stream that forbids synchronous reads and writes, as the request and response bodies of ASP.NET Core do.</summary>
internal sealed class AsyncOnlyStream(byte[]? content = null) : Stream
{
    private readonly MemoryStream _inner = content is null ? new() : new(content);

    public byte[] Content => _inner.ToArray();

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Flush() => throw Forbidden();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw Forbidden();

    public override int Read(Span<byte> buffer) => throw Forbidden();

    public override void Write(byte[] buffer, int offset, int count) => throw Forbidden();

    public override void Write(ReadOnlySpan<byte> buffer) => throw Forbidden();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        => _inner.ReadAsync(buffer, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        => _inner.WriteAsync(buffer, cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static InvalidOperationException Forbidden() => new("Synchronous operations are disallowed.");
}
