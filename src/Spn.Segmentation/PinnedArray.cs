using System.Runtime.CompilerServices;

namespace Spn.Segmentation;

/// <summary>
/// An array at a fixed address that is aligned to cache lines. It is memory of the garbage collector, so that it counts towards the limits
/// that an app sets for it, and returns to the system; the C library's allocator would keep blocks of this size.
/// </summary>
/// <typeparam name="T">The type of an element.</typeparam>
internal sealed unsafe class PinnedArray<T> : IDisposable
    where T : unmanaged
{
    private const int Alignment = 64;

    private T[]? _memory;

    /// <param name="length">The number of elements, 0 or more. They are not initialized.</param>
    /// <exception cref="OutOfMemoryException">There is not enough memory, or the array would have more than 2³¹ elements.</exception>
    public PinnedArray(long length)
    {
        int padding = Alignment / sizeof(T);
        if (length > Array.MaxLength - padding)
            throw new InsufficientMemoryException($"Expected at most {Array.MaxLength - padding:N0} elements, got {length:N0}.");
        _memory = GC.AllocateUninitializedArray<T>((int)length + padding, pinned: true);
        Length = (int)length;
        nuint start = (nuint)Unsafe.AsPointer(ref _memory[0]);
        Pointer = (T*)((start + Alignment - 1) & ~(nuint)(Alignment - 1));
    }

    public int Length { get; }

    /// <summary>Valid until the array is disposed.</summary>
    public T* Pointer { get; private set; }

    public Span<T> Span => new(Pointer, Length);

    /// <summary>Gives the memory up. Until then it stays.</summary>
    public void Dispose()
    {
        // Without it the JIT may drop this object, and with it the only reference to the array, as soon as the address is in a register.
        GC.KeepAlive(_memory);
        Pointer = null;
        _memory = null;
    }
}
