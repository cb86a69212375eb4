using System.Runtime.InteropServices;
using Spn.Propagation.Cuda;
using Spn.Propagation.Cuda.Driver;
using TorchSharp;
using Xunit;

namespace Spn.Cuda.Tests.Driver;

/// <summary>A machine with a fake driver and a fake NVRTC, and an empty folder for compiled kernels.</summary>
internal sealed unsafe class FakeGpu : IDisposable
{
    public static readonly CudaKernel Forward = new("forward.cu", "spn_forward", "SPN_SCALAR=0 SPN_PIXELS=4");
    public static readonly CudaKernel Merge = new("merge.cu", "spn_merge", "SPN_SCALAR=1");

    private readonly TemporaryFolder _folder = new();
    private readonly delegate* unmanaged<int> _depth;

    /// <param name="driver">A macro to compile the driver with, such as <c>OLD_DRIVER</c>.</param>
    public FakeGpu(string driver = "FAKE")
    {
        Driver = FakeLibrary.Build("fake_cuda.c", _folder.File("libcuda.so.1"), driver);
        Nvrtc = FakeLibrary.Build("fake_nvrtc.c", _folder.File("libnvrtc-0123abcd.so.12"));
        _depth = (delegate* unmanaged<int>)NativeLibrary.GetExport(Driver.Handle, "fake_depth");
    }

    public FakeLibrary Driver { get; }

    public FakeLibrary Nvrtc { get; }

    public string CacheFolder => _folder.File("cache");

    /// <summary>The entries on disk.</summary>
    public string[] Cached => Directory.Exists(CacheFolder) ? Directory.GetFiles(CacheFolder) : [];

    /// <summary>Contexts that are current on this thread: 0 where every push had its pop.</summary>
    public int Depth => _depth();

    /// <summary>The devices as a new process would see them.</summary>
    public CudaDevices Devices(string? cacheFolder = null)
        => new(Driver.Path, () => NvrtcFiles.In(_folder.Path), new KernelCache(cacheFolder ?? CacheFolder), index => 0x7000 + index);

    /// <summary>The first device, as a new process would open it.</summary>
    public CudaDevice Device(string? cacheFolder = null)
    {
        Assert.True(Devices(cacheFolder).CanRun(0, torch.ScalarType.Float32, out CudaDevice? device, out string? reason), reason);
        return device;
    }

    /// <summary>Why the device cannot be used.</summary>
    public string Reason(int index = 0)
    {
        Assert.False(Devices().CanRun(index, torch.ScalarType.Float32, out _, out string? reason));
        return reason;
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Launches a kernel with an argument of three bytes.</summary>
    public static void Launch(CudaDevice device, CudaKernel? kernel = null, int shared = 1024, int cluster = 1)
    {
        byte* argument = stackalloc byte[] { 0xab, 0xcd, 0xef };
        device.Launch(kernel ?? Forward, new CudaLaunch(8, 256, shared, cluster), argument, 3);
    }
}
