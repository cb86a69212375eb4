using Spn.Models;
using Spn.Torch;
using Spn.Training;
using Spn.Weights;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Spn.Training.Tests;

public sealed class ModelReleaseTests : IDisposable
{
    private static readonly SpnConfiguration s_tiny = SpnConfiguration.Fast with { GuidanceWidth = 4, MaskWidth = 4 };

    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_released_model_is_smaller_names_itself_and_refines_nearly_the_same()
    {
        using var model = Seeded.Model(s_tiny);
        model.eval();
        model.Save(_folder.File("trained"));
        ModelRelease.Write(model, _folder.File("released"), about: new Dictionary<string, string> { ["name"] = "Mine", ["licence"] = "MIT" });
        Assert.True(new FileInfo(_folder.File("released")).Length < 0.7 * new FileInfo(_folder.File("trained")).Length);
        using (SafetensorsFile file = SafetensorsFile.Open(_folder.File("released")))
        {
            Assert.Equal(("Mine", "MIT"), (file.Metadata["name"], file.Metadata["licence"]));
            Assert.Equal(("F16", "F32"), (file.Entries["propagation.decode.weight"].Dtype, file.Entries["propagation.decode.bias"].Dtype));
        }

        using SpnModule released = SpnModule.Load(_folder.File("released"));
        Assert.Equal(model.Configuration, released.Configuration);
        Tensor image = Seeded.Rand(1, [1, 3, 40, 48]), masks = Seeded.Rand(2, [1, 2, 40, 48]);
        Assert.True(model.Propagate(model.Guide(image), masks).allclose(released.Propagate(released.Guide(image), masks), rtol: 0, atol: 2e-3));
    }

    [Fact]
    public void Keep_leaves_more_of_the_coarse_mask_and_the_model_as_it_is()
    {
        using var model = Seeded.Model(s_tiny);
        using (no_grad())
            Seeded.Normal(5, model.get_parameter("propagation.decode.weight")!, deviation: 0.5);
        model.eval();
        byte[] bias = model.get_parameter("propagation.decode.bias")!.bytes.ToArray();
        Tensor image = Seeded.Rand(3, [1, 3, 40, 48]), masks = Seeded.Rand(4, [1, 1, 40, 48]);
        double[] changes = [.. new[] { 0.0, 1, 4 }.Select(keep =>
        {
            ModelRelease.Write(model, _folder.File("released"), keep, mirrored: true);
            using SpnModule released = SpnModule.Load(_folder.File("released"));
            Assert.True(released.Configuration.Mirrored);
            return (double)released.Propagate(released.Guide(image), masks).sub(masks).abs().mean().item<float>();
        })];
        Assert.True(changes[0] > 1.2 * changes[1] && changes[1] > 2 * changes[2], string.Join(", ", changes));
        Assert.Equal(bias, model.get_parameter("propagation.decode.bias")!.bytes.ToArray());
    }

    [Fact]
    public void What_cannot_be_released_is_refused_and_nothing_is_written()
    {
        string path = _folder.File("released");
        using var linear = Seeded.Model(new SpnConfiguration());
        using var model = Seeded.Model(s_tiny);
        Assert.Throws<ArgumentNullException>("model", () => ModelRelease.Write(null!, path));
        Assert.Throws<ArgumentException>("keep", () => ModelRelease.Write(linear, path, keep: 1));
        Assert.Throws<ArgumentException>("keep", () => ModelRelease.Write(model, path, keep: double.NaN));
        using (no_grad())
            model.get_parameter("propagation.decode.weight")!.fill_(1e6f.ToScalar());
        Assert.Contains("propagation.decode.weight", Assert.Throws<ArgumentException>(() => ModelRelease.Write(model, path)).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(path));
    }
}
