using Spn.Diagnostics;
using Spn.Torch;
using Xunit;

namespace Spn.Tests.Diagnostics;

public sealed class SpnDiagnosticsTests
{
    [Fact]
    public void Describes_the_environment()
    {
        SpnEnvironment environment = SpnDiagnostics.Describe();
        Assert.Contains("0.107.0", environment.TorchSharp, StringComparison.Ordinal);
        Assert.Contains("torch_cpu", environment.LibTorch, StringComparison.Ordinal);
        Assert.Equal("cpu", environment.Devices[0]);
        Assert.Equal(TorchSharp.torch.cuda.is_available(), environment.Cuda == "available");
        Assert.Equal(TorchSharp.torch.get_num_threads(), environment.TorchThreads);
        Assert.Equal(Environment.ProcessorCount, environment.Processors);
        Assert.Equal(LibStdCxx.Find()?.Newest, environment.LibStdCxx?.Split(',')[0]);

        string[] lines = environment.ToString().TrimEnd().Split('\n');
        Assert.Equal(12, lines.Length);
        Assert.All(lines, line => Assert.True(line.Length > 12, line));
    }

    [Fact]
    public void Reports_a_patched_library_only_on_systems_that_need_it()
    {
        bool old = LibStdCxx.Find() is { } system && !system.Versions.Contains("GLIBCXX_3.4.32");
        Assert.Equal(old, SpnDiagnostics.Describe().Loading.Contains("in-memory copy", StringComparison.Ordinal));
    }
}
