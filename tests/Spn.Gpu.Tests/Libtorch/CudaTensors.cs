using Spn.Native;
using Spn.Tests.Cuda.Driver;
using TorchSharp;
using Xunit;

namespace Spn.Tests.Cuda.Libtorch;

/// <summary>libtorch with CUDA on this machine.</summary>
internal static class CudaTensors
{
    /// <summary>Skips the test, with the reason, where there is none. The driver is asked first: TorchSharp copies libraries about where it finds no libtorch.</summary>
    public static void Require()
    {
        _ = Gpu.Require();
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
