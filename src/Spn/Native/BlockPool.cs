using System.Numerics;
using System.Runtime.InteropServices;

namespace Spn.Native;

/// <summary>
/// Blocks of unmanaged memory for the maps of calls. A block goes back to the pool after its call and serves later ones, so a steady state
/// takes no memory from the system; blocks that have been idle for some seconds are freed. Thread-safe.
/// </summary>
internal static unsafe class BlockPool
{
    /// <summary>Blocks begin at multiples of 64 bytes, a cache line and the widest vector.</summary>
    public const int Alignment = 64;

    private const int IdleMilliseconds = 10_000;

    /// <summary>The most that a block may exceed a request by, so that small images do not hold the memory of large ones.</summary>
    private const int MaxWaste = 4;

    private static readonly List<Block> s_idle = [];
    private static readonly Timer s_trim = new(_ => Trim(IdleMilliseconds));

    /// <summary>Rents a block with undefined content.</summary>
    /// <param name="bytes">The minimum size.</param>
    /// <exception cref="OutOfMemoryException">The system has too little memory, even without the idle blocks.</exception>
    public static Block Rent(long bytes)
    {
        lock (s_idle)
        {
            int best = -1;
            for (int i = 0; i < s_idle.Count; i++)
            {
                long size = s_idle[i].Bytes;
                if (size >= bytes && size / MaxWaste <= bytes && (best < 0 || size < s_idle[best].Bytes))
                    best = i;
            }
            if (best >= 0)
            {
                Block block = s_idle[best];
                s_idle.RemoveAt(best);
                return block;
            }
        }
        bytes = RoundUp(Math.Max(bytes, Alignment));
        FreeOutgrown(bytes);
        try
        {
            return new Block(bytes);
        }
        catch (OutOfMemoryException)
        {
            Trim(milliseconds: 0);
            return new Block(bytes);
        }
    }

    /// <summary>So that requests of similar sizes can use each other's blocks: at most an eighth more.</summary>
    private static long RoundUp(long bytes)
    {
        long step = Math.Max(Alignment, (long)(BitOperations.RoundUpToPowerOf2((ulong)bytes) / 16));
        return (bytes + step - 1) / step * step;
    }

    /// <summary>Frees the largest idle blocks that a request has outgrown, up to so many bytes in total and one block more.</summary>
    private static void FreeOutgrown(long bytes)
    {
        lock (s_idle)
        {
            for (long freed = 0; freed < bytes && s_idle.Where(block => block.Bytes < bytes).MaxBy(block => block.Bytes) is { } largest;)
            {
                freed += largest.Bytes;
                s_idle.Remove(largest);
                largest.Free();
            }
        }
    }

    /// <summary>Gives a block back, which must not be used any more.</summary>
    public static void Return(Block block)
    {
        block.IdleSince = Environment.TickCount64;
        lock (s_idle)
        {
            if (s_idle.Count == 0)
                s_trim.Change(IdleMilliseconds, Timeout.Infinite);
            s_idle.Add(block);
        }
    }

    /// <summary>Frees blocks that have been idle for a while.</summary>
    /// <param name="milliseconds">How long.</param>
    internal static void Trim(int milliseconds)
    {
        lock (s_idle)
        {
            for (int i = s_idle.Count - 1; i >= 0; i--)
            {
                if (Environment.TickCount64 - s_idle[i].IdleSince < milliseconds)
                    continue;
                s_idle[i].Free();
                s_idle.RemoveAt(i);
            }
            if (s_idle.Count > 0)
                s_trim.Change(IdleMilliseconds, Timeout.Infinite);
        }
    }

    /// <summary>A block of memory.</summary>
    internal sealed class Block
    {
        /// <exception cref="OutOfMemoryException">The system has too little memory.</exception>
        public Block(long bytes)
        {
            Memory = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, Alignment);
            Bytes = bytes;
            LargePages.Advise(Memory, (nuint)bytes);
        }

        public byte* Memory { get; private set; }

        public long Bytes { get; }

        /// <summary>When it was given back, in milliseconds of <see cref="Environment.TickCount64"/>.</summary>
        public long IdleSince { get; set; }

        public void Free()
        {
            NativeMemory.AlignedFree(Memory);
            Memory = null;
        }
    }
}
