using System.Runtime.InteropServices;
using Spn.Native;

namespace Spn.Imaging;

/// <summary>
/// Planes of floats <c>[Count, Height, Width]</c> in pooled memory, initially undefined, or over an array: the channels of an image, or
/// masks. Disposing gives the memory back; spans must not outlive that.
/// </summary>
internal sealed unsafe class Planes : IDisposable
{
    private readonly PooledMemory? _memory;
    private GCHandle _pin;

    /// <exception cref="OutOfMemoryException">The system has too little memory.</exception>
    public Planes(int count, int height, int width)
    {
        (Count, Height, Width) = (count, height, width);
        _memory = new PooledMemory(sizeof(float) * (long)count * height * width);
    }

    /// <summary>Planes over an array, which stays at its place until they are disposed.</summary>
    public Planes(float[] array, int count, int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(array.LongLength, (long)count * height * width, nameof(array));
        (Count, Height, Width) = (count, height, width);
        _pin = GCHandle.Alloc(array, GCHandleType.Pinned);
    }

    public int Count { get; }

    public int Height { get; }

    public int Width { get; }

    /// <summary>The number of pixels of a plane.</summary>
    public int Pixels => Width * Height;

    private float* Data => _memory is not null ? (float*)_memory.Pointer : (float*)_pin.AddrOfPinnedObject();

    /// <summary>All values.</summary>
    public Span<float> All => new(Data, Count * Pixels);

    /// <summary>One plane.</summary>
    public Span<float> this[int plane] => new(Data + (long)plane * Pixels, Pixels);

    /// <summary>A row of a plane.</summary>
    public Span<float> Row(int plane, int y) => new(Data + (long)plane * Pixels + (long)y * Width, Width);

    public void Dispose()
    {
        _memory?.Dispose();
        if (_pin.IsAllocated)
            _pin.Free();
    }
}
