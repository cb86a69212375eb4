using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Spn.Propagation.Cuda;

namespace Spn.Cuda.Tests.Ptx;

/// <summary>
/// A CUDA device that interprets the kernels' PTX and counts the instructions that its warps issue. Slower than the emulator, but it also
/// runs what only PTX has: the inline assembly, and the code that an optimising compiler makes of the kernels.
/// </summary>
/// <param name="limits">The limits that it reports.</param>
/// <param name="sources">The folder with the kernels' files.</param>
internal sealed unsafe class PtxDevice(CudaLimits limits, string sources) : ICudaDevice
{
    private static readonly ConcurrentDictionary<(CudaKernel, int), Lazy<PtxProgram>> s_programs = new();

    public CudaLimits Limits => limits;

    /// <summary>The instructions that threads have issued so far, by kernel entry; a warp's instruction counts for all its 32 threads.</summary>
    public Dictionary<string, long> Issued { get; } = [];

    /// <summary>The same by the name of the instruction, over all kernels.</summary>
    public Dictionary<string, long> ByName { get; } = [];

    public void Launch(CudaKernel kernel, in CudaLaunch launch, void* argument, int argumentBytes)
    {
        PtxProgram program = s_programs.GetOrAdd((kernel, limits.Architecture), _ => new Lazy<PtxProgram>(
            () => PtxProgram.Of(PtxCompiler.Compile(kernel, limits.Architecture, sources), kernel.Entry))).Value;
        var code = new PtxCode(program);
        void* copy = NativeMemory.Alloc((nuint)argumentBytes);
        NativeMemory.Copy(argument, copy, (nuint)argumentBytes);
        for (int first = 0; first < launch.Blocks; first += launch.Cluster)
        {
            using var cluster = new PtxCluster(code, launch, first, copy);
            cluster.Run();
        }

        NativeMemory.Free(copy);
        Issued[kernel.Entry] = Issued.GetValueOrDefault(kernel.Entry) + code.Issued;
        for (int i = 0; i < code.Counts.Length; i++)
        {
            string name = string.Join('.', program.Code[i].Opcode);
            ByName[name] = ByName.GetValueOrDefault(name) + code.Counts[i] * 32;
        }
    }
}

/// <summary>The blocks of a cluster, or one block: their shared memory and their threads.</summary>
internal sealed unsafe class PtxCluster : IDisposable
{
    private const int SharedWindow = 24; // bits of an address within a block's shared memory

    private readonly PtxCode _code;
    private readonly PtxThread[][] _warps;
    private readonly byte*[] _shared;
    private readonly CudaLaunch _launch;

    public PtxCluster(PtxCode code, in CudaLaunch launch, int firstBlock, void* argument)
    {
        (_code, _launch) = (code, launch);
        _shared = new byte*[launch.Cluster];
        var warps = new List<PtxThread[]>();
        for (int b = 0; b < launch.Cluster; b++)
        {
            _shared[b] = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(launch.SharedBytes, 16), 128);
            new Span<byte>(_shared[b], launch.SharedBytes).Fill(0xff);
            for (int t = 0; t < launch.Threads; t++)
            {
                var thread = new PtxThread { Cluster = this, Rank = b, Registers = new ulong[code.Program.Registers] };
                void Set(string name, ulong value) => thread.Registers[code.Program.Register(name)] = value;
                Set(PtxProgram.Argument, (ulong)argument);
                Set(PtxProgram.Thread, (ulong)t);
                Set(PtxProgram.Threads, (ulong)launch.Threads);
                Set(PtxProgram.Block, (ulong)(firstBlock + b));
                Set(PtxProgram.Blocks, (ulong)launch.Blocks);
                if (t % 32 == 0)
                    warps.Add(new PtxThread[32]);
                warps[^1][t % 32] = thread;
            }
        }

        _warps = [.. warps];
    }

    public PtxInboxes Inboxes { get; } = new();

    /// <summary>Runs all warps to their ends, each from one barrier to the next.</summary>
    public void Run()
    {
        int ofBlock = _launch.Threads / 32;
        for (bool ran = true; ran;)
        {
            ran = false;
            foreach (PtxThread[] warp in _warps)
            {
                if (warp[0].Wait == PtxWait.Inbox && Inboxes.HasReceived(warp[0].Inbox, warp[0].Parity))
                    Open([warp], PtxWait.Inbox);
                if (warp[0].Wait == PtxWait.None)
                {
                    _code.Run(warp);
                    ran = true;
                }
            }

            for (int first = 0; first < _warps.Length; first += ofBlock)
                ran |= Open(_warps.AsSpan(first, ofBlock), PtxWait.Block);
            ran |= Open(_warps, PtxWait.Cluster);
        }

        if (_warps.Any(warp => warp[0].Wait != PtxWait.Done))
            throw new EmulationException("Some warps wait for a barrier that others never reach, or for data that never comes.");
    }

    private static bool Open(ReadOnlySpan<PtxThread[]> warps, PtxWait barrier)
    {
        foreach (PtxThread[] warp in warps)
        {
            if (warp[0].Wait != barrier)
                return false;
        }

        foreach (PtxThread[] warp in warps)
        {
            foreach (PtxThread thread in warp)
                thread.Wait = PtxWait.None;
        }

        return true;
    }

    /// <summary>Whether all threads of the block that has this host address in its shared memory have ended.</summary>
    public bool HasEnded(byte* address)
    {
        int block = 0, ofBlock = _launch.Threads / 32;
        while (address < _shared[block] || address >= _shared[block] + _launch.SharedBytes)
            block++;
        return _warps.Skip(block * ofBlock).Take(ofBlock).All(warp => warp[0].Wait == PtxWait.Done);
    }

    /// <summary>The host's address of a shared one, which may lie in another block.</summary>
    public byte* Shared(ulong address, int rank, int bytes)
    {
        int block = (int)(address >> SharedWindow), offset = (int)(address & ((1u << SharedWindow) - 1));
        rank = block == 0 ? rank : block - 1;
        if (rank >= _shared.Length || offset + bytes > _launch.SharedBytes || offset % bytes != 0)
            throw new EmulationException($"{bytes} bytes at {offset} of block {rank}'s shared memory, which has {_launch.SharedBytes}.");
        return _shared[rank] + offset;
    }

    public ulong SharedAddress(ulong generic, int rank) => generic - (ulong)_shared[rank];

    public ulong GenericAddress(ulong shared, int rank) => (ulong)_shared[rank] + shared;

    public static ulong PeerAddress(ulong shared, int rank) => shared | (ulong)(rank + 1) << SharedWindow;

    public void Dispose()
    {
        foreach (byte* shared in _shared)
            NativeMemory.AlignedFree(shared);
    }
}

/// <summary>What a thread waits for.</summary>
internal enum PtxWait
{
    None,
    Block,
    Cluster,
    Inbox,
    Done,
}

internal sealed class PtxThread
{
    public required PtxCluster Cluster { get; init; }

    /// <summary>The block's number in its cluster.</summary>
    public required int Rank { get; init; }

    public required ulong[] Registers { get; init; }

    public int Next { get; set; }

    public PtxWait Wait { get; set; }

    /// <summary>The mbarrier and the parity of the phase for which the thread waits.</summary>
    public nint Inbox { get; set; }

    public int Parity { get; set; }

    /// <summary>Asynchronous copies by groups; the last group is still open.</summary>
    public List<List<(ulong To, ulong From, int Bytes, int Zeros)>> Copies { get; } = [[]];
}

/// <summary>A kernel did what no kernel may.</summary>
internal sealed class EmulationException(string message) : Exception(message);
