using Spn.Propagation.Cuda.Driver;
using TorchSharp;
using Xunit;

namespace Spn.Gpu.Tests.Driver;

/// <summary>The first GPU of this machine.</summary>
internal static class FirstGpu
{
    /// <summary>Skips the test, with the reason, where the kernels cannot run on it. Does not touch libtorch.</summary>
    public static CudaDevice Require()
    {
        Assert.SkipUnless(CudaDevices.Shared.CanRun(0, torch.ScalarType.Float32, out CudaDevice? device, out string? reason), $"No GPU: {reason}.");
        return device!;
    }
}
