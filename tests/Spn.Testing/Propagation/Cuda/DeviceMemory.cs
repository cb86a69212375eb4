using Spn.Propagation.Cuda;
using Xunit;

namespace Spn.Testing;

/// <summary>Memory of a CUDA device without libtorch, each buffer between two guards that kernels must leave alone.</summary>
internal abstract class DeviceMemory : IDisposable
{
    private const int GuardBytes = 4096;
    private const byte Guard = 0xa5;

    // Every bit set is NaN in all floating point types: what a kernel forgets to write shows.
    private const byte Unwritten = 0xff;

    private readonly List<(nint Start, long Bytes)> _buffers = [];

    /// <summary>Launches kernels on this memory.</summary>
    public abstract ICudaDevice Device { get; }

    /// <summary>A buffer that no one has written, aligned to 256 bytes; 0 for no bytes.</summary>
    public nint Buffer(long bytes) => bytes == 0 ? 0 : Buffer(Enumerable.Repeat(Unwritten, (int)bytes).ToArray());

    /// <summary>A buffer with these bytes.</summary>
    public nint Buffer(ReadOnlySpan<byte> content)
    {
        long padded = (content.Length + 255) / 256 * 256;
        var whole = new byte[padded + 2 * GuardBytes];
        whole.AsSpan().Fill(Guard);
        content.CopyTo(whole.AsSpan(GuardBytes));
        nint start = Allocate(whole.Length);
        _buffers.Add((start, content.Length));
        Upload(start, whole);
        return start + GuardBytes;
    }

    /// <summary>A buffer's content, once all kernels have run.</summary>
    public byte[] Read(nint buffer, long bytes)
    {
        var content = new byte[bytes];
        if (bytes > 0)
            Download(content, buffer);
        return content;
    }

    /// <summary>Fails where a kernel wrote beside a buffer.</summary>
    public void CheckGuards(string about)
    {
        foreach ((nint start, long bytes) in _buffers)
        {
            byte[] before = Read(start, GuardBytes), after = Read(start + GuardBytes + (nint)bytes, GuardBytes);
            Assert.True(!before.AsSpan().ContainsAnyExcept(Guard) && !after.AsSpan().ContainsAnyExcept(Guard), $"a kernel wrote beside a buffer of {bytes} bytes: {about}");
        }
    }

    public void Dispose()
    {
        foreach ((nint start, _) in _buffers)
            Free(start);
        _buffers.Clear();
    }

    protected abstract nint Allocate(long bytes);

    protected abstract void Free(nint address);

    protected abstract void Upload(nint to, byte[] content);

    /// <summary>Waits for the kernels and copies.</summary>
    protected abstract void Download(byte[] to, nint from);
}
