using Spn.Guidance;
using TorchSharp;
using Xunit;

namespace Spn.Tests.Guidance;

/// <summary>The one-pass form of the last step is libtorch's operations, at every width of vectors' ends and on masks that are all the way 0 or 1.</summary>
public sealed class MaskOddsTests : IDisposable
{
    private readonly DisposeScope _scope = torch.NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 3, 7)]
    [InlineData(1, 5, 8)]
    [InlineData(3, 17, 9)]
    [InlineData(1, 40, 31)]
    [InlineData(2, 16, 64)]
    public void Fused_is_composed(int masks, int height, int width)
    {
        torch.Tensor decoded = torch.randn(masks, 8, height, width).mul(torch.tensor(4f)), scale = torch.tensor([0.7f]);
        torch.Tensor mask = torch.rand(masks, 1, 2 * height, 2 * width).mul(torch.tensor(1.4f)).sub(torch.tensor(0.2f)).clamp(torch.tensor(0f), torch.tensor(1f));
        torch.Tensor composed = MaskOdds.Composed(decoded, mask, scale), fused;
        using (torch.no_grad())
            fused = MaskOdds.Refine(decoded, mask, scale);
        Assert.Equal(composed.shape, fused.shape);
        Assert.InRange(fused.sub(composed).abs().max().item<float>(), 0, 1e-5f);
    }

    [Fact]
    public void Strided_maps_give_what_dense_ones_give()
    {
        torch.Tensor decoded = torch.randn(1, 6, 9, 8).permute(0, 3, 1, 2), mask = torch.rand(1, 1, 18, 12).transpose(2, 3);
        using var noGrad = torch.no_grad();
        torch.Tensor scale = torch.ones(1), strided = MaskOdds.Refine(decoded, mask, scale);
        torch.Tensor dense = MaskOdds.Refine(decoded.contiguous(), mask.contiguous(), scale);
        Assert.Equal(dense.bytes.ToArray(), strided.bytes.ToArray());
    }
}
