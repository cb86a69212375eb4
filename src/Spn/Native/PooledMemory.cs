namespace Spn.Native;

/// <summary>
/// Memory from <see cref="BlockPool"/> that has one owner and goes back to the pool when it is disposed, once nobody uses it any more.
/// Thread-safe. Memory that is never disposed goes back when the owner is collected.
/// </summary>
internal sealed unsafe class PooledMemory : IDisposable
{
    private readonly BlockPool.Block _block;
    private int _uses = 1; // the owner's, which its disposal ends
    private int _disposed;

    /// <param name="bytes">The minimum size; the content is undefined.</param>
    /// <exception cref="OutOfMemoryException">The system has too little memory.</exception>
    public PooledMemory(long bytes) => _block = BlockPool.Rent(bytes);

    ~PooledMemory() => Dispose();

    /// <summary>The first byte. Whoever reads it later than the owner may dispose it needs <see cref="Use"/>.</summary>
    /// <exception cref="ObjectDisposedException">It has been disposed.</exception>
    public byte* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed != 0, this);
            return _block.Memory;
        }
    }

    /// <summary>Keeps the memory from going back until the result is disposed.</summary>
    /// <exception cref="ObjectDisposedException">It has been disposed.</exception>
    public User Use()
    {
        for (int uses = Volatile.Read(ref _uses); ;)
        {
            ObjectDisposedException.ThrowIf(uses == 0 || _disposed != 0, this);
            int seen = Interlocked.CompareExchange(ref _uses, uses + 1, uses);
            if (seen == uses)
                return new User(this);
            uses = seen;
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        GC.SuppressFinalize(this);
        EndUse();
    }

    private void EndUse()
    {
        if (Interlocked.Decrement(ref _uses) == 0 && _block is not null)
            BlockPool.Return(_block);
    }

    /// <summary>A use of the memory until it is disposed.</summary>
    public readonly ref struct User(PooledMemory memory)
    {
        public byte* Pointer => memory._block.Memory;

        public void Dispose() => memory.EndUse();
    }
}
