using Spn.Propagation;
using Spn.Propagation.Cuda;
using Spn.Tests.Propagation.Cuda.Emulation;
using TorchSharp;
using Xunit;

namespace Spn.Tests.Propagation.Cuda;

/// <summary>The suite on the CUDA kernels, emulated for devices of several kinds.</summary>
public abstract class EmulatedBackendTests : PropagationSuite, IDisposable
{
    private readonly EmulatedCudaDevice _device;

    private protected EmulatedBackendTests(CudaLimits limits) => _device = new EmulatedCudaDevice(limits);

    protected override torch.Tensor Propagate(torch.Tensor x, torch.Tensor guidance, PropagationOptions options, torch.Tensor? xGate)
        => SpatialPropagation.Propagate(x, guidance, options, xGate, new CudaRound(_device));

    protected override void RequireBackend() => HostCompiler.Require();

    public void Dispose()
    {
        Assert.Empty(_device.Faults);
        GC.SuppressFinalize(this);
    }
}

public sealed class EmulatedHopperTests() : EmulatedBackendTests(new CudaLimits(90, 132, 227 << 10, 8));
