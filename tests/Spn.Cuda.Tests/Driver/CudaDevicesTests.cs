using Spn.Propagation.Cuda.Driver;
using TorchSharp;
using Xunit;

namespace Spn.Cuda.Tests.Driver;

public sealed class CudaDevicesTests
{
    [Fact]
    public void Without_a_driver()
    {
        var devices = new CudaDevices("/no/such/libcuda.so.1", () => [], new KernelCache(null), _ => 0);
        Assert.False(devices.CanRun(0, torch.ScalarType.Float32, out _, out string? reason));
        Assert.Contains("there is no NVIDIA driver", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_driver_that_lacks_functions_is_too_old()
    {
        using FakeGpu gpu = new();
        var devices = new CudaDevices(gpu.Nvrtc.Path, () => [], new KernelCache(null), _ => 0);
        Assert.False(devices.CanRun(0, torch.ScalarType.Float32, out _, out string? reason));
        Assert.Contains("the NVIDIA driver is too old", reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cuInit")]
    [InlineData("cuDriverGetVersion")]
    [InlineData("cuDeviceGet")]
    [InlineData("cuDeviceGetAttribute")]
    [InlineData("cuDevicePrimaryCtxRetain")]
    public void A_driver_that_fails_is_a_reason(string function)
    {
        using FakeGpu gpu = new();
        gpu.Driver.Set(function, 100);
        Assert.Matches($"^{function} failed.*: CUDA_ERROR_NO_DEVICE, fake text of the error \\(100\\)$", gpu.Reason());
    }

    [Fact]
    public void A_device_that_is_not_there_is_a_reason()
    {
        using FakeGpu gpu = new();
        Assert.Contains("cuDeviceGet failed", gpu.Reason(4), StringComparison.Ordinal);
        gpu.Driver.Set("architecture", 61);
        Assert.Equal("cuda:0 is sm_61; the kernels need sm_70 or newer", gpu.Reason());
    }

    [Fact]
    public void Without_a_compiler()
    {
        using FakeGpu gpu = new();
        foreach (Func<IEnumerable<string>> none in new Func<IEnumerable<string>>[] { () => [], () => ["libnvrtc.so.0"] })
        {
            var devices = new CudaDevices(gpu.Driver.Path, none, new KernelCache(null), _ => 0);
            Assert.False(devices.CanRun(0, torch.ScalarType.Float32, out _, out string? reason));
            Assert.Contains("NVRTC was not found", reason, StringComparison.Ordinal);
            Assert.Contains("SPN_NVRTC", reason, StringComparison.Ordinal);
        }

        var wrong = new CudaDevices(gpu.Driver.Path, () => [gpu.Driver.Path], new KernelCache(null), _ => 0);
        Assert.False(wrong.CanRun(0, torch.ScalarType.Float32, out _, out string? unusable));
        Assert.Contains("NVRTC cannot be loaded", unusable, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_compiler_that_fits_is_taken()
    {
        using FakeGpu gpu = new();
        var devices = new CudaDevices(gpu.Driver.Path, () => ["/no/such/libnvrtc.so", gpu.Driver.Path, gpu.Nvrtc.Path], new KernelCache(null), _ => 0);
        Assert.True(devices.CanRun(0, torch.ScalarType.Float32, out CudaDevice? device, out _));
        Assert.Contains(gpu.Nvrtc.Path, device.Description, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nvrtcVersion")]
    [InlineData("nvrtcGetNumSupportedArchs")]
    [InlineData("nvrtcGetSupportedArchs")]
    public void A_compiler_that_fails_is_a_reason(string function)
    {
        using FakeGpu gpu = new();
        gpu.Nvrtc.Set(function, 5);
        Assert.Equal($"NVRTC cannot be loaded: {function} failed: NVRTC_ERROR_FAKE (5)", gpu.Reason());
    }

    [Fact]
    public void A_newer_minor_version_than_the_drivers_compiles_cubins()
    {
        using FakeGpu gpu = new();
        gpu.Driver.Set("driver", 12040);
        FakeGpu.Launch(gpu.Device());
        gpu.Driver.Set("driver", 13000);
        FakeGpu.Launch(gpu.Device());
        gpu.Driver.Set("driver", 11080);
        Assert.Equal($"the driver is too old for NVRTC 12.8 ({gpu.Nvrtc.Path}): it supports CUDA 11.8", gpu.Reason());
    }

    [Fact]
    public void A_device_newer_than_the_compiler_gets_PTX_of_the_newest_architecture()
    {
        using FakeGpu gpu = new();
        gpu.Driver.Set("architecture", 103);
        CudaDevice device = gpu.Device();
        FakeGpu.Launch(device, cluster: 2);
        Assert.Contains("compute_90", device.Description, StringComparison.Ordinal);
        Assert.Equal(
            ["nvrtcCompileProgram -arch=compute_90 -std=c++17 -DSPN_SCALAR=0 -DSPN_PIXELS=4", "nvrtcGetPTX", "nvrtcDestroyProgram"], gpu.Nvrtc.Calls[1..]);
        Assert.Equal(["cuModuleLoadDataEx //PTX"], gpu.Driver.CallsOf("cuModuleLoadDataEx"));
        Assert.StartsWith("forward-compute_90-", Path.GetFileName(Assert.Single(gpu.Cached)), StringComparison.Ordinal);

        // Which a driver older than the compiler cannot read.
        gpu.Driver.Set("driver", 12040);
        Assert.Equal($"the driver is too old for NVRTC 12.8 ({gpu.Nvrtc.Path}): it supports CUDA 12.4", gpu.Reason());
    }

    [Fact]
    public void An_architecture_between_those_known_gets_PTX_of_the_one_below()
    {
        using FakeGpu gpu = new();
        gpu.Driver.Set("architecture", 86);
        FakeGpu.Launch(gpu.Device());
        Assert.Contains("-arch=compute_80", Assert.Single(gpu.Nvrtc.CallsOf("nvrtcCompileProgram")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_compiler_without_asynchronous_stores_gets_no_clusters()
    {
        using FakeGpu gpu = new();
        Assert.Equal(8, gpu.Device().Limits.MaxCluster);
        gpu.Nvrtc.Set("minor", 0);
        CudaDevice device = gpu.Device();
        Assert.Equal(1, device.Limits.MaxCluster);
        FakeGpu.Launch(device);
        Assert.Contains("-arch=compute_80", Assert.Single(gpu.Nvrtc.CallsOf("nvrtcCompileProgram")), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unsupported_type_is_a_reason()
    {
        using FakeGpu gpu = new();
        foreach (torch.ScalarType type in new[] { torch.ScalarType.Float64, torch.ScalarType.Float16, torch.ScalarType.BFloat16 })
            Assert.True(gpu.Devices().CanRun(0, type, out _, out _));
        Assert.False(gpu.Devices().CanRun(0, torch.ScalarType.Int32, out CudaDevice? none, out string? reason));
        Assert.Null(none);
        Assert.Equal("the CUDA kernels do not support Int32", reason);
    }

    [Fact]
    public void Each_device_is_opened_once()
    {
        using FakeGpu gpu = new();
        CudaDevices devices = gpu.Devices();
        Parallel.For(0, 16, i => Assert.True(devices.CanRun(i % 2, torch.ScalarType.Float32, out _, out _)));
        Assert.Equal(2, gpu.Driver.CallsOf("cuDevicePrimaryCtxRetain").Length);
    }

    [Fact]
    public void A_failure_that_may_pass_is_not_remembered()
    {
        using FakeGpu gpu = new();
        CudaDevices devices = gpu.Devices();
        bool CanRun() => devices.CanRun(0, torch.ScalarType.Float32, out _, out _);
        gpu.Driver.Set("cuDevicePrimaryCtxRetain", 2); // out of memory
        Assert.False(CanRun());
        gpu.Driver.Set("cuDevicePrimaryCtxRetain", 0);
        Assert.True(CanRun());

        devices = gpu.Devices();
        gpu.Driver.Set("cuDevicePrimaryCtxRetain", 100); // no device
        Assert.False(CanRun());
        gpu.Driver.Set("cuDevicePrimaryCtxRetain", 0);
        Assert.False(CanRun());
    }
}
