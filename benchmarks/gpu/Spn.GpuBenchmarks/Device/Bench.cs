using System.Runtime.InteropServices;
using Spn.Propagation.Cuda;

namespace Spn.GpuBenchmarks.Device;

/// <summary>The names and the parameters of the kernels in bench.cu.</summary>
internal static class Bench
{
    public static CudaKernel Nothing { get; } = Kernel("bench_nothing");

    public static CudaKernel Read { get; } = Kernel("bench_read");

    public static CudaKernel Copy { get; } = Kernel("bench_copy");

    public static CudaKernel Clock { get; } = Kernel("bench_clock");

    public static CudaKernel Fill(CudaScalar scalar) => Kernel("bench_fill", scalar);

    private static CudaKernel Kernel(string entry, CudaScalar scalar = CudaScalar.Float32)
        => new("bench.cu", entry, $"SPN_SCALAR={(int)scalar}");
}

[StructLayout(LayoutKind.Sequential)]
internal struct NothingArguments
{
    public int Unused;
}

[StructLayout(LayoutKind.Sequential)]
internal struct FillArguments
{
    public nint Data;
    public long Count;
    public uint Seed;
    public float Low, Range;
}

[StructLayout(LayoutKind.Sequential)]
internal struct SweepArguments
{
    public nint From, To;
    public long Count;
}

[StructLayout(LayoutKind.Sequential)]
internal struct ClockArguments
{
    public nint Out;
    public int Steps;
}
