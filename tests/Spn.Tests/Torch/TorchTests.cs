using Xunit;
using static TorchSharp.torch;

namespace Spn.Tests.Torch;

public sealed class TorchTests
{
    [Fact]
    public void Torch_computes()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(6, arange(4).sum().item<long>());
    }
}
