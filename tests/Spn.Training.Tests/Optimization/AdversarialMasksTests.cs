using Spn.Torch;
using Spn.Training.Optimization;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Spn.Training.Tests.Optimization;

public sealed class AdversarialMasksTests : IDisposable
{
    private const int Images = 2, Masks = 3, Size = 64, Plane = Size * Size;

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly SpnModule _model = SpnModule.From(SpnModel.Fast);
    private readonly Tensor _images, _coarse, _truth, _weights = ones(Images, Masks, Size, Size);

    /// <summary>A disc in each image; of its three masks the last is exact, the others are blurred and displaced.</summary>
    public AdversarialMasksTests()
    {
        float[] rgb = new float[Images * 3 * Plane], truth = new float[Images * Plane], coarse = new float[Images * Masks * Plane];
        for (int n = 0; n < Images; n++)
        {
            for (int i = 0; i < Plane; i++)
            {
                double Outside(double dx) => Math.Sqrt(Math.Pow(i % Size - 30 - dx, 2) + Math.Pow(i / Size - 34, 2)) - 14 - 4 * n;
                truth[n * Plane + i] = Outside(0) < 0 ? 1 : 0;
                for (int c = 0; c < 3; c++)
                    rgb[(n * 3 + c) * Plane + i] = Outside(0) < 0 ? 0.7f - 0.1f * c : 0.2f + 0.1f * c + 0.05f * (i % 3);
                for (int k = 0; k < 2; k++)
                    coarse[(n * Masks + k) * Plane + i] = (float)(1 / (1 + Math.Exp(Outside(2 * k - 3) / 2)));
                coarse[(n * Masks + 2) * Plane + i] = truth[n * Plane + i];
            }
        }
        _images = tensor(rgb, [Images, 3, Size, Size]);
        _truth = tensor(truth, [Images, 1, Size, Size]);
        _coarse = tensor(coarse, [Images, Masks, Size, Size]);
        _model.train();
    }

    public void Dispose()
    {
        _model.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void The_model_does_worse_and_exact_masks_stay()
    {
        Tensor harder = Make(share: 1);

        Assert.True(Loss(harder) > 1.2 * Loss(_coarse), $"{Loss(_coarse)} became {Loss(harder)}");
        Assert.False(harder.requires_grad);
        Assert.InRange(harder.min().item<float>(), 0, 1);
        Assert.InRange(harder.max().item<float>(), 0, 1);
        for (int n = 0; n < Images; n++)
        {
            Assert.True(harder[n][2].equal(_coarse[n][2]).all().item<bool>());
            for (int k = 0; k < 2; k++)
                Assert.InRange(harder[n][k].sub(_coarse[n][k]).abs().mean().item<float>(), 0.005f, 0.2f);
        }
        Assert.All(_model.parameters(), parameter => Assert.Null(parameter.grad));
    }

    [Fact]
    public void The_share_says_how_many_change_and_the_seed_which()
    {
        Assert.True(Make(share: 0).equal(_coarse).all().item<bool>());
        Tensor once = Make(share: 0.5), again = Make(share: 0.5), other = Make(share: 0.5, seed: 8);
        Assert.True(once.equal(again).all().item<bool>());
        Assert.False(once.equal(other).all().item<bool>());
    }

    private Tensor Make(double share, ulong seed = 7)
        => AdversarialMasks.Make(_model, _images, _coarse, _truth, _weights, share, new SeededRandom(seed));

    private double Loss(Tensor coarse)
    {
        using IDisposable noGradient = no_grad();
        return RefinementLoss.Of(_model.forward(_images, coarse), _truth, _weights).item<float>();
    }
}
