using Spn.Native;

namespace Spn.Imaging;

/// <summary>
/// Planes of floats <c>[Count, Height, Width]</c> in pooled memory: the channels of an image, or masks. Initially undefined. Disposing
/// gives the memory back; spans must not outlive that.
/// </summary>
internal sealed unsafe class Planes : IDisposable
{
    private readonly PooledMemory _memory;

    /// <exception cref="OutOfMemoryException">The system has too little memory.</exception>
    public Planes(int count, int height, int width)
    {
        (Count, Height, Width) = (count, height, width);
        _memory = new PooledMemory(sizeof(float) * (long)count * height * width);
    }

    public int Count { get; }

    public int Height { get; }

    public int Width { get; }

    /// <summary>The number of pixels of a plane.</summary>
    public int Pixels => Width * Height;

    private float* Data => (float*)_memory.Pointer;

    /// <summary>All values.</summary>
    public Span<float> All => new(Data, Count * Pixels);

    /// <summary>One plane.</summary>
    public Span<float> this[int plane] => new(Data + (long)plane * Pixels, Pixels);

    /// <summary>A row of a plane.</summary>
    public Span<float> Row(int plane, int y) => new(Data + (long)plane * Pixels + (long)y * Width, Width);

    public void Dispose() => _memory.Dispose();
}
