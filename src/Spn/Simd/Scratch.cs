using System.Numerics;
using System.Runtime.InteropServices;

namespace Spn.Simd;

/// <summary>Pooled, 64-byte aligned native memory: a kernel rents what it needs and a steady state allocates nothing.</summary>
internal static unsafe class Scratch
{
    private const nuint Alignment = 64;
    private const int SmallestPower = 12;

    // One shelf a power of two. Lines are kept for every core; of whole planes only a few, of huge ones none.
    private static readonly Shelf[] s_shelves = [.. Enumerable.Range(0, 64).Select(power
        => new Shelf(power <= 22 ? 64 : power <= 28 ? 2 : 0))];

    public static Lease Rent(nint bytes)
    {
        int power = Math.Max(SmallestPower, BitOperations.Log2((nuint)bytes - 1) + 1);
        return new Lease(s_shelves[power].Take(power, bytes), power);
    }

    private sealed class Shelf(int kept)
    {
        private readonly nint[] _free = new nint[kept];
        private int _count;

        public nint Take(int power, nint bytes)
        {
            lock (_free)
            {
                if (_count > 0)
                    return _free[--_count];
            }

            // Rounding up is for those who rent it next; what is not kept has no next.
            return (nint)NativeMemory.AlignedAlloc(kept > 0 ? (nuint)1 << power : (nuint)bytes, Alignment);
        }

        public void Give(nint buffer)
        {
            lock (_free)
            {
                if (_count < kept)
                {
                    _free[_count++] = buffer;
                    return;
                }
            }

            NativeMemory.AlignedFree((void*)buffer);
        }
    }

    /// <summary>A rented buffer; its content is whatever the last user left.</summary>
    internal readonly ref struct Lease(nint buffer, int power)
    {
        public void* Pointer => (void*)buffer;

        public void Dispose()
        {
            if (buffer != 0)
                s_shelves[power].Give(buffer);
        }
    }
}
