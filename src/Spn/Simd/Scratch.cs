using System.Numerics;
using System.Runtime.InteropServices;
using Spn.Native;

namespace Spn.Simd;

/// <summary>
/// Pooled, 64-byte aligned native memory: a kernel rents what it needs and a steady state allocates nothing. Small buffers, such as lines,
/// are kept for every core; large ones are blocks of <see cref="BlockPool"/>.
/// </summary>
internal static unsafe class Scratch
{
    private const nuint Alignment = 64;
    private const int MinPower = 12, MaxPower = 22;
    private const int Kept = 64;

    private static readonly Shelf[] s_shelves = [.. Enumerable.Range(0, MaxPower + 1).Select(power => new Shelf(power))];

    /// <summary>Rents a buffer, whose content is whatever its last user left.</summary>
    public static Lease Rent(nint bytes)
    {
        int power = Math.Max(MinPower, BitOperations.Log2((nuint)bytes - 1) + 1);
        return power > MaxPower ? new Lease(BlockPool.Rent(bytes)) : new Lease(s_shelves[power].Take(), power);
    }

    /// <summary>Buffers of one size, a power of two.</summary>
    private sealed class Shelf(int power)
    {
        private readonly nint[] _free = new nint[Kept];
        private int _count;

        public nint Take()
        {
            lock (_free)
            {
                if (_count > 0)
                    return _free[--_count];
            }
            return (nint)NativeMemory.AlignedAlloc((nuint)1 << power, Alignment);
        }

        public void Give(nint buffer)
        {
            lock (_free)
            {
                if (_count < Kept)
                {
                    _free[_count++] = buffer;
                    return;
                }
            }
            NativeMemory.AlignedFree((void*)buffer);
        }
    }

    /// <summary>A rented buffer until it is disposed.</summary>
    internal readonly ref struct Lease
    {
        private readonly nint _buffer;
        private readonly int _power;
        private readonly BlockPool.Block? _block;

        public Lease(nint buffer, int power) => (_buffer, _power) = (buffer, power);

        public Lease(BlockPool.Block block) => (_buffer, _block) = ((nint)block.Memory, block);

        public void* Pointer => (void*)_buffer;

        public void Dispose()
        {
            if (_block is not null)
                BlockPool.Return(_block);
            else if (_buffer != 0)
                s_shelves[_power].Give(_buffer);
        }
    }
}
