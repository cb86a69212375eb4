using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Spn.Propagation;
using Spn.Propagation.Cpu;
using Spn.Propagation.Cuda;
using Spn.Propagation.Cuda.Driver;
using Spn.Torch;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Spn.Cuda.Tests.Driver;

/// <summary>From tensors to the driver. The fake device launches nothing, so tensors of the CPU stand in for its own.</summary>
public sealed class CudaDispatchTests
{
    private static readonly PropagationOptions s_options = new() { MaxThreads = 1 };

    [Fact]
    public void Tensors_are_computed_on_their_device_if_possible()
    {
        using FakeGpu gpu = new();
        CudaDevices devices = gpu.Devices();
        IPropagationBackend On(DeviceType type, ScalarType dtype, int index = 0) => BackendChoice.For(type, index, dtype, s_options, devices);
        Assert.IsType<CudaBackend>(On(DeviceType.CUDA, float32));
        Assert.IsType<CudaBackend>(On(DeviceType.CUDA, bfloat16, 3));
        Assert.IsType<CpuBackend>(On(DeviceType.CPU, float32));
        Assert.IsType<CpuBackend>(On(DeviceType.CUDA, int32));
        Assert.IsType<CpuBackend>(On(DeviceType.CUDA, float32, 4)); // no such device
        Assert.IsType<CpuBackend>(On(DeviceType.MPS, float32));
    }

    [Fact]
    public void The_choice_is_described_with_its_reason()
    {
        using FakeGpu gpu = new();
        string cpu = "CPU with [0-9]+-bit vectors, the widest that this processor supports|CPU with scalar code, .*";
        Assert.Matches($"^({cpu})$", BackendChoice.Describe(0, gpu.Devices()));
        string[] lines = BackendChoice.Describe(5, gpu.Devices()).Split("; ");
        Assert.Equal(6, lines.Length);
        Assert.Equal($"cuda:0 with CUDA kernels: Fake GPU 0, sm_90 by NVRTC 12.8 ({gpu.Nvrtc.Path})", lines[0]);
        Assert.Equal("cuda:4 on the CPU: cuDeviceGet failed: CUDA_ERROR_FAKE, fake text of the error (101)", lines[4]);
        Assert.Matches($"^({cpu})$", lines[5]);
        Assert.Empty(gpu.Nvrtc.Calls); // told without compiling anything
    }

    [Fact]
    public void A_call_asks_for_its_kernels_with_its_options()
    {
        using FakeGpu gpu = new();
        using var scope = NewDisposeScope();
        Tensor x = Seeded.Rand(1, [1, 8, 200, 300]), guidance = Seeded.Rand(2, [1, 96, 200, 300]);
        SpatialPropagation.Propagate(x, guidance, s_options with { Normalization = GateNormalization.Clamped }, null, new CudaBackend(gpu.Device()));
        string options = Assert.Single(gpu.Nvrtc.CallsOf("nvrtcCompileProgram"), call => call.Contains("SPN_GATES", StringComparison.Ordinal));
        Assert.Contains("-DSPN_SCALAR=0 ", options, StringComparison.Ordinal);
        Assert.Contains($"-DSPN_NORMALIZATION={(int)GateNormalization.Clamped} -DSPN_GATES=3 -DSPN_INPUT_GATE=0", options, StringComparison.Ordinal);
        Assert.All(gpu.Driver.Calls.Where(call => call.StartsWith("cuLaunch", StringComparison.Ordinal)), call => Assert.Contains("stream=0x7000", call, StringComparison.Ordinal));
        Assert.Equal(0, gpu.Depth);
    }

    [Fact]
    public void Small_maps_take_one_launch_for_all_rounds()
    {
        using FakeGpu gpu = new();
        using var scope = NewDisposeScope();
        CudaDevice device = gpu.Device();
        int Launches(long size, bool differentiable)
        {
            Tensor x = Seeded.Rand(1, [1, 2, size, size]).requires_grad_(differentiable), guidance = Seeded.Rand(2, [1, 24, size, size]);
            int before = gpu.Driver.Calls.Length;
            SpatialPropagation.Propagate(x, guidance, s_options with { Rounds = 2 }, null, new CudaBackend(device));
            return gpu.Driver.Calls[before..].Count(call => call.StartsWith("cuLaunch", StringComparison.Ordinal));
        }

        Assert.Equal(1, Launches(64, differentiable: false));
        Assert.Equal(4, Launches(64, differentiable: true)); // the scans and the merge of each round
        Assert.Equal(4, Launches(200, differentiable: false));
    }

    [Fact]
    public void Clusters_are_as_large_as_the_device_can_hold()
    {
        using FakeGpu gpu = new();
        using var scope = NewDisposeScope();
        CudaDevice device = gpu.Device();
        Tensor x = Seeded.Rand(1, [1, 1, 1024, 20]).requires_grad_(), guidance = Seeded.Rand(2, [1, 12, 1024, 20]);
        void Call() => SpatialPropagation.Propagate(x, guidance, s_options, null, new CudaBackend(device)).sum().backward();
        int[] Launched()
        {
            int before = gpu.Driver.Calls.Length;
            Call();
            return [.. gpu.Driver.Calls[before..].Where(call => call.StartsWith("cuLaunchKernelEx", StringComparison.Ordinal))
                .Select(call => int.Parse(Regex.Match(call, "cluster=([0-9]+)").Groups[1].Value)).Distinct()];
        }

        Assert.Equal([3], Launched());
        gpu.Driver.Set("largest", 2);
        Assert.Equal([3], Launched()); // asked once
        device = gpu.Device();
        Assert.Equal([2], Launched());
        Assert.Equal(2, device.Limits.MaxCluster);
        Assert.Equal(0, gpu.Depth);
    }

    [Fact]
    public void Maps_without_contiguous_rows_are_copied_and_others_are_read_in_place()
    {
        using FakeGpu gpu = new();
        using var scope = NewDisposeScope();
        var backend = new CudaBackend(gpu.Device());
        Tensor x = Seeded.Rand(1, [2, 5, 6, 7]);
        foreach (Tensor other in new[] { x.permute(0, 2, 3, 1), x.narrow(3, 0, 1).expand(2, 5, 6, 7), x.transpose(2, 3) })
        {
            Tensor copy = backend.Prepare(other);
            Assert.Equal(1, copy.stride(3));
            Assert.True(copy.equal(other).all().item<bool>());
        }

        foreach (Tensor other in new[] { x, x.narrow(3, 1, 4), x.narrow(2, 1, 3), x.transpose(0, 1), x.permute(0, 2, 3, 1).narrow(3, 0, 1) })
            Assert.Equal(Address(other), Address(backend.Prepare(other)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_failure_in_the_forward_pass_reaches_the_caller(bool differentiable)
    {
        using FakeGpu gpu = new();
        using var scope = NewDisposeScope();
        Tensor x = Seeded.Rand(3, [1, 2, 8, 8]).requires_grad_(differentiable), guidance = Seeded.Rand(4, [1, 24, 8, 8]);
        gpu.Driver.Set("cuLaunchKernel", 2);
        Exception error = Assert.ThrowsAny<ExternalException>(() => SpatialPropagation.Propagate(x, guidance, s_options, null, new CudaBackend(gpu.Device())));
        Assert.Contains("out of memory", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, gpu.Depth);
    }

    private static unsafe nint Address(Tensor tensor) => (nint)TensorMemory.Pointer(tensor);
}
