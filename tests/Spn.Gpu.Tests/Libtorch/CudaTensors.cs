using Spn.Gpu.Tests.Driver;
using Spn.Torch;
using TorchSharp;
using Xunit;

namespace Spn.Gpu.Tests.Libtorch;

/// <summary>libtorch with CUDA on this machine.</summary>
internal static class CudaTensors
{
    /// <summary>Skips the test, with the reason, where there is none. The driver is asked first: TorchSharp copies libraries about where it finds no libtorch.</summary>
    public static void Require()
    {
        _ = FirstGpu.Require();
        try
        {
            NativeLibraries.EnsureLoaded();
        }
        catch (DllNotFoundException missing)
        {
            Assert.Skip(missing.Message);
        }

        Assert.SkipUnless(torch.cuda.is_available(), "This libtorch finds no CUDA device.");
    }
}
