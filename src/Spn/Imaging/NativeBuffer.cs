using System.Runtime.InteropServices;

namespace Spn.Imaging;

/// <summary>
/// Uninitialized unmanaged memory that is freed immediately on disposal. Pixels of a large image would otherwise stay on the
/// large object heap until the next full collection.
/// </summary>
internal sealed unsafe class NativeBuffer<T>(int length) : IDisposable where T : unmanaged
{
    private T* _elements = (T*)NativeMemory.Alloc((nuint)length, (nuint)sizeof(T));

    ~NativeBuffer() => Free();

    /// <summary>The elements; the span must not outlive the buffer.</summary>
    public Span<T> Span => new(_elements, _elements is null ? 0 : length);

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.Free(_elements);
        _elements = null;
    }
}
