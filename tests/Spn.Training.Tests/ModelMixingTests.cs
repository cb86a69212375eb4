using Spn.Models;
using Spn.Torch;
using Spn.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Spn.Training.Tests;

public sealed class ModelMixingTests : IDisposable
{
    private static readonly SpnConfiguration s_tiny = SpnConfiguration.Fast with { GuidanceWidth = 4, MaskWidth = 4 };

    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(0.25)]
    [InlineData(1)]
    public void Every_weight_is_the_mean_of_both(double share)
    {
        using SpnModule first = Seeded.Model(s_tiny, seed: 1), second = Seeded.Model(s_tiny with { Mirrored = true }, seed: 2);
        foreach ((string _, Tensor buffer) in second.named_buffers().Where(b => b.buffer.is_floating_point()))
            buffer.add_(0.5.ToScalar());
        Dictionary<string, byte[]> before = first.state_dict().ToDictionary(w => w.Key, w => w.Value.bytes.ToArray());
        using SpnModule mixed = ModelMixing.Mix(first, second, share);

        Assert.Equal(s_tiny, mixed.Configuration);
        Assert.False(mixed.training);
        Dictionary<string, Tensor> a = first.state_dict(), b = second.state_dict();
        foreach ((string name, Tensor weight) in mixed.state_dict())
        {
            Assert.Equal(before[name], a[name].bytes.ToArray());
            if (weight.is_floating_point())
                Assert.True(weight.allclose(a[name] * (1 - share) + b[name] * share, rtol: 0, atol: 1e-6), name);
        }
    }

    [Fact]
    public void Models_of_different_forms_are_refused()
    {
        using SpnModule first = Seeded.Model(s_tiny), wider = Seeded.Model(s_tiny with { MaskWidth = 8 });
        Assert.Throws<ArgumentException>("trained", () => ModelMixing.Mix(first, wider));
        Assert.Throws<ArgumentNullException>("model", () => ModelMixing.Mix(null!, first));
        Assert.Throws<ArgumentOutOfRangeException>("share", () => ModelMixing.Mix(first, first, 1.1));
        Assert.Throws<ArgumentOutOfRangeException>("share", () => ModelMixing.Mix(first, first, double.NaN));
    }
}
