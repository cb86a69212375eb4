using System.Runtime.CompilerServices;
using Spn.GpuDriver;
using Spn.Propagation;
using Spn.Propagation.Cuda;
using Spn.Propagation.Cuda.Driver;
using TorchSharp;

namespace Spn.GpuBenchmarks.Device;

/// <summary>
/// The GPU to measure, without libtorch: its memory, and the kernels of the library and of the benchmarks on one stream. To be used by one
/// thread, inside <see cref="PrimaryContext.Run"/>.
/// </summary>
internal sealed unsafe class Gpu : IDisposable
{
    private const int SimpleThreads = 256;
    private const DeviceAttribute ClockKilohertz = (DeviceAttribute)13, L2CacheBytes = (DeviceAttribute)38;

    private readonly HashSet<nint> _allocated = [];
    private readonly Dictionary<CudaKernel, nint> _functions = [];

    private Gpu(CudaDevice device)
    {
        Context = device.Context;
        Memory = new DriverMemory(Driver);
        Streams = new Streams(Driver);
        Stream = Streams.Create();
        var cache = new KernelCache(KernelCache.UserFolder);
        Kernels = new CudaDevice(Context, device.Limits, device.Compiler, cache, _ => Stream);
        Inspector = new KernelInspector(Driver, device.Compiler, cache);
    }

    /// <summary>The device on which the library launches its kernels, on <see cref="Stream"/>.</summary>
    public CudaDevice Kernels { get; }

    public KernelInspector Inspector { get; }

    public PrimaryContext Context { get; }

    public DriverMemory Memory { get; }

    public Streams Streams { get; }

    public nint Stream { get; }

    public DriverApi Driver => Context.Driver;

    /// <summary>The maximum clock in cycles per microsecond.</summary>
    public double Clock => Driver.Attribute(ClockKilohertz, Context.Device) / 1e3;

    public long L2Bytes => Driver.Attribute(L2CacheBytes, Context.Device);

    /// <summary>Runs the work on the first GPU, if it can be used.</summary>
    /// <returns>Why no GPU can be used; <see langword="null"/> if the work was done.</returns>
    public static string? Run(Action<Gpu> work)
    {
        if (!CudaDevices.Shared.CanRun(0, torch.ScalarType.Float32, out CudaDevice? device, out string? obstacle))
            return obstacle;
        device.Context.Run(() =>
        {
            using var gpu = new Gpu(device);
            work(gpu);
        });
        return null;
    }

    /// <summary>Allocates memory until it is freed or this object is disposed. Returns 0 for no bytes.</summary>
    public nint Allocate(long bytes)
    {
        if (bytes == 0)
            return 0;
        nint address = Memory.Allocate(bytes);
        _allocated.Add(address);
        return address;
    }

    /// <summary>
    /// Frees memory after all enqueued work has run. After a kernel fault nothing can be freed; the fault is reported instead.
    /// </summary>
    public void Free(nint address)
    {
        if (!_allocated.Remove(address))
            return;
        try
        {
            Synchronize();
            Memory.Free(address);
        }
        catch (CudaException)
        {
        }
    }

    /// <summary>Compiles one of the benchmarks' kernels, which may include the library's headers.</summary>
    public nint Function(CudaKernel kernel)
    {
        if (!_functions.TryGetValue(kernel, out nint function))
        {
            nint module = Driver.LoadModule(Kernels.Compiler.Compile(kernel, Sources.Read(kernel.File)), kernel.ToString());
            function = _functions[kernel] = Driver.Function(module, kernel.Entry, kernel.ToString());
        }

        return function;
    }

    /// <summary>Enqueues one of the benchmarks' kernels with at most one thread per element.</summary>
    public void Launch<T>(CudaKernel kernel, long elements, T argument)
        where T : unmanaged
    {
        long blocks = Math.Clamp((elements + SimpleThreads - 1) / SimpleThreads, 1, 1 << 20);
        Driver.Launch(
            Function(kernel), new CudaLaunch((int)blocks, SimpleThreads, 0, 1), Stream, &argument, Unsafe.SizeOf<T>(), kernel.Entry);
    }

    public void Synchronize() => Memory.Synchronize(Stream);

    /// <summary>Copies elements from the device to the host.</summary>
    public T[] Download<T>(nint from, long elements)
        where T : unmanaged
    {
        Synchronize();
        var values = new T[elements];
        fixed (T* to = values)
            Memory.Download(to, from, elements * sizeof(T));
        return values;
    }

    public void Dispose()
    {
        foreach (nint address in _allocated.ToArray())
            Free(address);
        Streams.Destroy(Stream);
    }
}
