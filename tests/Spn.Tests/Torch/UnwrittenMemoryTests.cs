using Spn.Models;
using Spn.Torch;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Spn.Tests.Torch;

/// <summary>oneDNN's convolutions read memory that nothing has written where maps do not fill its vectors. What freed memory held must change nothing.</summary>
public sealed class UnwrittenMemoryTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<SpnConfiguration> Configurations => new()
    {
        SpnConfiguration.Fast,
        SpnConfiguration.Fast with { Scales = 3 },
        SpnConfiguration.Fast with { GuidanceWidth = 4, MaskWidth = 12 },
        SpnConfiguration.Fast with { GuidanceWidth = 20, MaskWidth = 4, Channels = 4, Groups = 1 },
        new SpnConfiguration { Channels = 20, GuidanceWidth = 12 },
    };

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData(8, 8, 3, 1)]
    [InlineData(12, 8, 3, 1)]
    [InlineData(16, 8, 3, 1)]
    [InlineData(20, 36, 3, 2)]
    [InlineData(1, 24, 4, 2)]
    public void A_convolution_is_one_in_double_precision(int input, int output, int kernel, int stride)
    {
        for (int size = 20; size <= 64; size += 14)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor maps = Seeded.Randn(1, [6, input, size, size]).requires_grad_();
            Tensor weight = Seeded.Randn(2, [output, input, kernel, kernel]).requires_grad_();
            Tensor bias = Seeded.Randn(3, [output]).requires_grad_();
            Tensor[] parts = [maps, weight, bias], exact = [.. parts.Select(part => part.detach().to(float64).requires_grad_())];
            LeaveNaNs();
            Tensor result = PaddedConvolution.Forward(maps, weight, bias, stride), above = Seeded.Randn(4, result.shape);
            LeaveNaNs();
            result.backward([above]);
            Tensor expected = nn.functional.conv2d(exact[0], exact[1], exact[2], strides: [stride, stride], padding: [1, 1]);
            expected.backward([above.to(float64)]);
            Close(expected, result);
            foreach ((Tensor part, Tensor wanted) in parts.Zip(exact))
                Close(wanted.grad!, part.grad!);
            LeaveNaNs();
            using (no_grad())
                Close(expected, PaddedConvolution.Forward(maps, weight, bias, stride));
        }
    }

    [Theory]
    [MemberData(nameof(Configurations))]
    public void A_model_gives_the_same_whatever_was_there(SpnConfiguration configuration)
    {
        using var model = Seeded.Model(configuration, seed: 11);
        Tensor image = Seeded.Rand(5, [2, 3, 70, 96]), masks = Seeded.Rand(6, [2, 2, 70, 96]).requires_grad_();
        LeaveNaNs();
        Tensor odds = model.forward(image, masks);
        LeaveNaNs();
        odds.abs().mean().backward();
        Assert.True(odds.isfinite().all().item<bool>());
        Assert.True(masks.grad!.isfinite().all().item<bool>());
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in model.named_parameters())
            Assert.True(parameter.grad!.isfinite().all().item<bool>(), name);
        model.eval();
        LeaveNaNs();
        byte[] refined = model.Propagate(model.Guide(image), masks).bytes.ToArray();
        Leave(1e3f);
        Assert.Equal(refined, model.Propagate(model.Guide(image), masks).bytes.ToArray());
    }

    private static void Close(Tensor expected, Tensor actual)
        => Assert.InRange(actual.sub(expected).abs().max().item<double>(), 0, 1e-5 * expected.abs().max().item<double>() + 1e-5);

    private static void LeaveNaNs() => Leave(float.NaN);

    /// <summary>Frees memory of every size that is full of a value.</summary>
    private static void Leave(float value)
    {
        using DisposeScope scope = NewDisposeScope();
        for (int i = 0; i < 48; i++)
            full(1L << (10 + i % 12), value);
    }
}
