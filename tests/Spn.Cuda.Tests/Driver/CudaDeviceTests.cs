using Spn.Propagation;
using Spn.Propagation.Cuda;
using Spn.Propagation.Cuda.Driver;
using Xunit;

namespace Spn.Cuda.Tests.Driver;

public sealed class CudaDeviceTests
{
    [Fact]
    public void Compiles_loads_and_launches_in_this_order()
    {
        using FakeGpu gpu = new();
        CudaDevice device = gpu.Device();
        Assert.Equal(["cuInit 0", "cuDeviceGet 0", "cuDevicePrimaryCtxRetain 40"], gpu.Driver.Calls);
        Assert.Empty(gpu.Nvrtc.Calls);

        FakeGpu.Launch(device);
        FakeGpu.Launch(device);
        string launch = "cuLaunchKernel f=0xe001 grid=8,1,1 block=256,1,1 shared=1024 stream=0x7000 cluster=0 bytes=3:abcdef context=0xc028";
        Assert.Equal(["cuModuleLoadDataEx CUBIN", "cuModuleGetFunction spn_forward", launch, launch], gpu.Driver.Calls[3..]);

        string[] nvrtc = gpu.Nvrtc.Calls;
        Assert.StartsWith("nvrtcCreateProgram forward.cu source=", nvrtc[0], StringComparison.Ordinal);
        foreach ((string name, string text) in KernelSources.Headers)
            Assert.Contains($" {name}:{System.Text.Encoding.UTF8.GetByteCount(text)}", nvrtc[0], StringComparison.Ordinal);
        Assert.Equal(["nvrtcCompileProgram -arch=sm_90 -std=c++17 -DSPN_SCALAR=0 -DSPN_PIXELS=4", "nvrtcGetCUBIN", "nvrtcDestroyProgram"], nvrtc[1..]);
        Assert.Equal(0, gpu.Depth);
    }

    [Fact]
    public void Knows_the_device()
    {
        using FakeGpu gpu = new();
        Assert.Equal(new CudaLimits(90, 132, 232448, 8), gpu.Device().Limits);
        Assert.Equal($"Fake GPU 0, sm_90 by NVRTC 12.8 ({gpu.Nvrtc.Path})", gpu.Device().Description);
        gpu.Driver.Set("clusters", 0);
        Assert.Equal(1, gpu.Device().Limits.MaxCluster);
        gpu.Driver.Set("architecture", 80);
        Assert.Equal(new CudaLimits(80, 132, 232448, 1), gpu.Device().Limits);
    }

    [Fact]
    public void Launches_clusters_by_attribute()
    {
        using FakeGpu gpu = new();
        FakeGpu.Launch(gpu.Device(), cluster: 4);
        Assert.Equal(
            ["cuLaunchKernelEx f=0xe001 grid=8,1,1 block=256,1,1 shared=1024 stream=0x7000 cluster=4 bytes=3:abcdef context=0xc028"],
            gpu.Driver.CallsOf("cuLaunchKernelEx"));
    }

    [Fact]
    public void Asks_once_for_more_than_48_KB_of_shared_memory()
    {
        using FakeGpu gpu = new();
        CudaDevice device = gpu.Device();
        FakeGpu.Launch(device, shared: 48 << 10);
        Assert.Empty(gpu.Driver.CallsOf("cuFuncSetAttribute"));
        FakeGpu.Launch(device, shared: (48 << 10) + 1);
        FakeGpu.Launch(device, shared: 100 << 10);
        // All that a block can have, less the kernel's own 16 bytes.
        Assert.Equal(["cuFuncSetAttribute 0xe001 8=232432", "cuFuncSetAttribute 0xe001 9=100"], gpu.Driver.CallsOf("cuFuncSetAttribute"));
        Assert.Equal(3, gpu.Driver.CallsOf("cuLaunchKernel").Length);
    }

    [Fact]
    public void A_driver_without_clusters_is_planned_without()
    {
        using FakeGpu gpu = new("OLD_DRIVER");
        CudaDevice device = gpu.Device();
        Assert.Equal(1, device.Limits.MaxCluster);
        FakeGpu.Launch(device);
        Assert.Contains("cuLaunchKernelEx", Assert.Throws<EntryPointNotFoundException>(() => FakeGpu.Launch(device, cluster: 2)).Message, StringComparison.Ordinal);
        Assert.Equal(0, gpu.Depth);
    }

    [Fact]
    public void Each_device_has_a_separate_context_and_stream()
    {
        using FakeGpu gpu = new();
        CudaDevices devices = gpu.Devices();
        for (int i = 2; i >= 0; i--)
        {
            Assert.True(devices.CanRun(i, TorchSharp.torch.ScalarType.BFloat16, out CudaDevice? device, out _));
            FakeGpu.Launch(device);
            string launch = gpu.Driver.CallsOf("cuLaunchKernel").Last();
            Assert.Contains($"stream=0x{0x7000 + i:x}", launch, StringComparison.Ordinal);
            Assert.Contains($"context=0x{0xc028 + i:x}", launch, StringComparison.Ordinal);
        }

        Assert.Single(gpu.Nvrtc.CallsOf("nvrtcCompileProgram")); // the others found it on disk
        Assert.Single(gpu.Driver.CallsOf("cuInit"));
    }

    [Fact]
    public async Task Threads_that_ask_for_the_same_kernel_compile_it_once()
    {
        using FakeGpu gpu = new();
        gpu.Nvrtc.Set("sleep", 50_000);
        CudaDevice device = gpu.Device();
        using var start = new Barrier(8);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                FakeGpu.Launch(device, i % 2 == 0 ? FakeGpu.Forward : FakeGpu.Merge);
                Assert.Equal(0, gpu.Depth);
            },
            TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        Assert.Equal(2, gpu.Nvrtc.CallsOf("nvrtcCompileProgram").Length);
        Assert.Equal(2, gpu.Driver.CallsOf("cuModuleLoadDataEx").Length);
        Assert.Equal(8, gpu.Driver.CallsOf("cuLaunchKernel").Length);
    }

    [Theory]
    [InlineData("cuCtxPushCurrent", 0)]
    [InlineData("cuCtxPopCurrent", 0)]
    [InlineData("cuModuleLoadDataEx", 1)]
    [InlineData("cuModuleGetFunction", 1)]
    [InlineData("cuFuncGetAttribute", 1)]
    [InlineData("cuFuncSetAttribute", 1)]
    [InlineData("cuLaunchKernel", 1)]
    [InlineData("cuLaunchKernelEx", 1)]
    public void A_failing_driver_call_is_named_with_its_error_and_kernel(string function, int namesKernel)
    {
        using FakeGpu gpu = new();
        CudaDevice device = gpu.Device();
        int cluster = function == "cuLaunchKernelEx" ? 2 : 1;
        gpu.Driver.Set(function, 2);
        CudaException error = Assert.Throws<CudaException>(() => FakeGpu.Launch(device, shared: 64 << 10, cluster: cluster));
        Assert.Equal(2, error.ErrorCode);
        string kernel = namesKernel == 1 ? " for spn_forward (forward.cu, SPN_SCALAR=0 SPN_PIXELS=4)" : "";
        Assert.Equal($"{function} failed{kernel}: CUDA_ERROR_OUT_OF_MEMORY, out of memory (2).", error.Message);
        Assert.Equal(0, gpu.Depth);

        // Nothing of the failure stays.
        gpu.Driver.Set(function, 0);
        FakeGpu.Launch(device, shared: 64 << 10, cluster: cluster);
    }

    [Theory]
    [InlineData("nvrtcCreateProgram", 0)]
    [InlineData("nvrtcCompileProgram", 1)]
    [InlineData("nvrtcGetCUBINSize", 1)]
    [InlineData("nvrtcGetCUBIN", 1)]
    public void A_failing_compiler_call_is_named_with_its_error_and_kernel(string function, int programs)
    {
        using FakeGpu gpu = new();
        CudaDevice device = gpu.Device();
        gpu.Nvrtc.Set(function, 6);
        CudaException error = Assert.Throws<CudaException>(() => FakeGpu.Launch(device));
        string log = function == "nvrtcCompileProgram" ? "\nforward.cu(7): fake error" : "";
        Assert.Equal($"{function} failed for spn_forward (forward.cu, SPN_SCALAR=0 SPN_PIXELS=4): NVRTC_ERROR_COMPILATION (6).{log}", error.Message);
        Assert.Equal(programs, gpu.Nvrtc.CallsOf("nvrtcDestroyProgram").Length);
        Assert.Equal(0, gpu.Depth);
        Assert.Empty(gpu.Cached);

        gpu.Nvrtc.Set(function, 0);
        FakeGpu.Launch(device);
    }

    [Fact]
    public void The_drivers_own_compiler_is_heard_too()
    {
        using FakeGpu gpu = new();
        gpu.Nvrtc.Set("corrupt", 1);
        CudaException error = Assert.Throws<CudaException>(() => FakeGpu.Launch(gpu.Device()));
        Assert.Equal(
            "cuModuleLoadDataEx failed for spn_forward (forward.cu, SPN_SCALAR=0 SPN_PIXELS=4): CUDA_ERROR_INVALID_IMAGE, device kernel image is invalid (200).\n" +
            "fake jit: no image begins so", error.Message);
        Assert.Empty(gpu.Cached);
    }

    [Fact]
    public void An_error_that_the_driver_cannot_name_keeps_its_number()
    {
        using FakeGpu gpu = new();
        CudaDevice device = gpu.Device();
        gpu.Driver.Set("cuLaunchKernel", 999);
        Assert.Contains(": unknown error (999).", Assert.Throws<CudaException>(() => FakeGpu.Launch(device)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stream_that_cannot_be_had_ends_the_launch_before_it_begins()
    {
        using FakeGpu gpu = new();
        Func<int, nint> torch = TorchStream.Of(gpu.Driver.Path);
        Assert.Equal(0x5003, torch(3));
        gpu.Driver.Set("aoti", 1);
        Assert.Contains("aoti_torch_get_current_cuda_stream", Assert.Throws<CudaException>(() => torch(3)).Message, StringComparison.Ordinal);

        Assert.Equal(0, TorchStream.Of(gpu.Nvrtc.Path)(3)); // a library without that function
        Assert.Equal(0, TorchStream.Of(null)(3));
    }
}
