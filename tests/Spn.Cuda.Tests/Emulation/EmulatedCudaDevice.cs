using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using Spn.Propagation.Cuda;
using Xunit;

namespace Spn.Cuda.Tests.Emulation;

/// <summary>
/// A CUDA device on the host: runs a launch to its end before the call returns, and looks for what a GPU may or may not punish: races, accesses out of
/// bounds, memory read before it is written, barriers that part of a block never reaches. See emulator.cpp. Thread-safe.
/// </summary>
/// <param name="limits">What it claims to be.</param>
/// <param name="sources">The kernels; null for those that the library embeds.</param>
/// <param name="seed">Of the order in which blocks and warps run.</param>
internal sealed unsafe class EmulatedCudaDevice(CudaLimits limits, KernelFiles? sources = null, int seed = 1) : ICudaDevice
{
    // cp.async was introduced with sm_80; before, a copy completes immediately.
    private readonly bool _lateCopies = limits.Architecture >= 80;
    private readonly ConcurrentQueue<string> _faults = [];
    private Range[] _buffers = [];
    private int _launches;

    public CudaLimits Limits => limits;

    /// <summary>The first mistake of each launch that made one.</summary>
    public IReadOnlyCollection<string> Faults => _faults;

    /// <summary>From here on kernels may touch these bytes alone: what a launch reads, and what it writes.</summary>
    public void Watch(IEnumerable<(nint Start, long Bytes, bool Writable)> buffers)
        => _buffers = [.. buffers.Select(buffer => new Range { Start = buffer.Start, End = buffer.Start + (nint)buffer.Bytes, Writable = buffer.Writable ? 1 : 0 })];

    public void Launch(CudaKernel kernel, in CudaLaunch launch, void* argument, int argumentBytes)
    {
        Assert.True(
            launch is { Blocks: > 0, Threads: > 0 and <= 1024, SharedBytes: >= 0, Cluster: > 0 } && launch.Threads % 32 == 0 && launch.Blocks % launch.Cluster == 0
                && launch.SharedBytes <= limits.SharedBytesPerBlock && launch.Cluster <= limits.MaxCluster && argumentBytes <= 4096,
            $"{launch} with {argumentBytes} bytes of argument on {limits}");
        byte* fault = stackalloc byte[512];
        fixed (Range* buffers = _buffers)
        {
            var native = new NativeLaunch
            {
                Kernel = HostCompiler.Kernel(sources ?? KernelFiles.Embedded, kernel),
                Argument = argument, ArgumentBytes = argumentBytes,
                Blocks = launch.Blocks, Threads = launch.Threads, SharedBytes = launch.SharedBytes, Cluster = launch.Cluster,
                LateCopies = _lateCopies ? 1 : 0,
                Seed = (uint)(seed + Interlocked.Increment(ref _launches)),
                RangeCount = _buffers.Length, Ranges = buffers,
            };
            var emulate = (delegate* unmanaged<NativeLaunch*, byte*, int, int>)HostCompiler.Emulate();
            if (emulate(&native, fault, 512) == 0)
                return;
        }

        string message = $"{kernel.Entry} ({kernel.Defines}), {launch}: {Marshal.PtrToStringUTF8((nint)fault)}";
        _faults.Enqueue(message);
        throw new EmulationFault(message);
    }

    /// <summary><c>EmulatedLaunch</c> in emulator.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct NativeLaunch
    {
        public nint Kernel;
        public void* Argument;
        public int ArgumentBytes, Blocks, Threads, SharedBytes, Cluster, LateCopies;
        public uint Seed;
        public int RangeCount;
        public Range* Ranges;
    }

    /// <summary><c>EmulatedRange</c> in emulator.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Range
    {
        public nint Start, End, Writable;
    }
}

/// <summary>A kernel did what no kernel may.</summary>
internal sealed class EmulationFault(string message) : Exception(message);
