using Spn.Models;
using Spn.Torch;
using Spn.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Spn.Training.Tests;

public sealed class ModelWideningTests
{
    [Theory]
    [InlineData(24, 16, 2)]
    [InlineData(16, 20, 2)]
    [InlineData(32, 32, 2)]
    [InlineData(16, 16, 3)]
    [InlineData(16, 20, 3)]
    public void A_wider_model_refines_as_the_trained_one(int guidanceWidth, int maskWidth, int scales)
    {
        using DisposeScope scope = NewDisposeScope();
        using SpnModule trained = SpnModule.From(SpnModel.Fast);
        using SpnModule wide = Widened(trained, trained.Configuration with { GuidanceWidth = guidanceWidth, MaskWidth = maskWidth, Scales = scales });
        Assert.True(wide.parameters().Sum(p => p.numel()) > trained.parameters().Sum(p => p.numel()));
        Tensor image = Seeded.Rand(1, [1, 3, 64, 48]), masks = Seeded.Rand(2, [1, 2, 64, 48]);
        Tensor expected = trained.Propagate(trained.Guide(image), masks), refined = wide.Propagate(wide.Guide(image), masks);
        Assert.True(expected.allclose(refined, rtol: 0, atol: 1e-4));
    }

    [Fact]
    public void A_model_of_three_scales_widens_too()
    {
        using DisposeScope scope = NewDisposeScope();
        using var trained = Seeded.Model(SpnConfiguration.Fast with { Scales = 3 }, seed: 5);
        foreach (Tensor weight in trained.parameters().Where(p => p.dim() == 4))
            Seeded.Normal(7, weight, deviation: Math.Sqrt(2.0 / (weight.shape[1] * weight.shape[2] * weight.shape[3])));
        trained.eval();
        using SpnModule wide = Widened(trained, trained.Configuration with { MaskWidth = 20 });
        Tensor image = Seeded.Rand(3, [1, 3, 64, 48]), masks = Seeded.Rand(4, [1, 2, 64, 48]);
        Tensor expected = trained.Propagate(trained.Guide(image), masks), refined = wide.Propagate(wide.Guide(image), masks);
        Assert.True(expected.sub(masks).abs().max().item<float>() > 0.1f);
        Assert.True(expected.allclose(refined, rtol: 0, atol: 1e-4));
    }

    [Fact]
    public void Its_new_maps_learn()
    {
        using DisposeScope scope = NewDisposeScope();
        using SpnModule trained = SpnModule.From(SpnModel.Fast);
        using SpnModule wide = Widened(trained, trained.Configuration with { GuidanceWidth = 20, MaskWidth = 20 });
        wide.train();
        wide.forward(Seeded.Rand(5, [1, 3, 32, 32]), Seeded.Rand(6, [1, 1, 32, 32])).sum().backward();
        // The weights that read them start at zero, but not their gradients.
        foreach ((string name, TorchSharp.Modules.Parameter weight) in wide.named_parameters().Where(p => p.parameter.dim() == 4 && p.parameter.shape[1] == 20))
            Assert.True(weight.grad!.narrow(1, 16, 4).abs().max().item<float>() > 0, name);
    }

    [Fact]
    public void What_is_no_widening_is_refused()
    {
        using SpnModule model = SpnModule.From(SpnModel.Fast);
        using var wide = Seeded.Model(model.Configuration with { Scales = 3 });
        Assert.Throws<ArgumentNullException>(() => ModelWidening.Widen(null!, SpnConfiguration.Fast));
        Assert.Throws<ArgumentNullException>(() => ModelWidening.Widen(model, null!));
        SpnConfiguration smaller = model.Configuration with { MaskWidth = 12 }, other = model.Configuration with { Channels = 16 };
        Assert.Throws<ArgumentException>("configuration", () => ModelWidening.Widen(wide, model.Configuration));
        Assert.Contains("widths of 16 and 16 or more", Assert.Throws<ArgumentException>("configuration", () => ModelWidening.Widen(model, smaller)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>("configuration", () => ModelWidening.Widen(model, other));
        using var linear = Seeded.Model(new SpnConfiguration());
        Assert.Throws<ArgumentException>("model", () => ModelWidening.Widen(linear, linear.Configuration with { GuidanceWidth = 32 }));
    }

    /// <summary>The new weights are random.</summary>
    private static SpnModule Widened(SpnModule trained, SpnConfiguration configuration)
        => Seeded.Module(3, () => ModelWidening.Widen(trained, configuration));
}
