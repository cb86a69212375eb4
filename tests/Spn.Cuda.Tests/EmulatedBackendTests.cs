using Spn.Cuda.Tests.Emulation;
using Spn.Propagation;
using Spn.Propagation.Cuda;
using Spn.Torch;
using TorchSharp;
using Xunit;

namespace Spn.Cuda.Tests;

/// <summary>The suite on the CUDA kernels, emulated for devices of several kinds, which share out its long lists of cases.</summary>
/// <param name="share">Which of them this device takes, of <see cref="Devices"/>.</param>
/// <param name="limits">The device.</param>
public abstract class EmulatedBackendTests : PropagationSuite, IDisposable
{
    private const int Devices = 4;

    private readonly int _share;
    private readonly EmulatedCudaDevice _device;

    private protected EmulatedBackendTests(int share, CudaLimits limits) => (_share, _device) = (share, new EmulatedCudaDevice(limits));

    protected override int LongestSide => 1100;

    protected override torch.Tensor Propagate(torch.Tensor x, torch.Tensor guidance, PropagationOptions options, torch.Tensor? xGate)
        => SpatialPropagation.Propagate(x, guidance, options, xGate, new CudaBackend(_device));

    protected override void RequireBackend() => HostCompiler.Require();

    protected override bool Takes(int number) => number % Devices == _share;

    public void Dispose()
    {
        Assert.Empty(_device.Faults);
        GC.SuppressFinalize(this);
    }
}

/// <summary>Copies land at once, shared memory is short, and blocks are many for the device: channels share gates, directions are joined in the result.</summary>
public sealed class EmulatedTuringTests() : EmulatedBackendTests(0, new CudaLimits(75, 2, 64 << 10, 1));

/// <summary>Copies land at their wait; blocks are few for the device.</summary>
public sealed class EmulatedAmpereTests() : EmulatedBackendTests(1, new CudaLimits(80, 108, 163 << 10, 1));

/// <summary>Clusters share a line.</summary>
public sealed class EmulatedHopperTests() : EmulatedBackendTests(2, new CudaLimits(90, 132, 227 << 10, 8));

/// <summary>As little shared memory as a line of float64 needs: long lines go in pieces, tiles have half a sector.</summary>
public sealed class EmulatedTinyTests() : EmulatedBackendTests(3, new CudaLimits(80, 1, 54 << 10, 1));
