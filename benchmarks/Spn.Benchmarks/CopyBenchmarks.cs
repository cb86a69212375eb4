using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;

namespace Spn.Benchmarks;

/// <summary>The machine's copy bandwidth: the upper limit of every scan that does not fit in the caches.</summary>
public unsafe class CopyBenchmarks
{
    /// <summary>Bytes read, and bytes written, per call.</summary>
    public const long Bytes = 256 << 20;

    private byte* _source;
    private byte* _destination;

    [ParamsSource(typeof(PropagationBenchmarks), nameof(PropagationBenchmarks.ThreadCounts))]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _source = (byte*)NativeMemory.AlignedAlloc((nuint)Bytes, 64);
        _destination = (byte*)NativeMemory.AlignedAlloc((nuint)Bytes, 64);
        NativeMemory.Fill(_source, (nuint)Bytes, 1);
        NativeMemory.Fill(_destination, (nuint)Bytes, 1);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        NativeMemory.AlignedFree(_source);
        NativeMemory.AlignedFree(_destination);
    }

    [Benchmark]
    public void Copy()
    {
        if (Threads == 1)
        {
            Buffer.MemoryCopy(_source, _destination, Bytes, Bytes);
            return;
        }

        long part = Bytes / Threads;
        Parallel.For(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads },
            i => Buffer.MemoryCopy(_source + i * part, _destination + i * part, part, part));
    }
}
