using Spn.Torch;
using Spn.Weights;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;

namespace Spn.Tests.Torch;

public sealed class ModuleWeightsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = torch.NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(torch.ScalarType.Float32)]
    [InlineData(torch.ScalarType.Float64)]
    [InlineData(torch.ScalarType.BFloat16)]
    [InlineData(torch.ScalarType.Float16)]
    public void A_module_is_filled_from_any_float_type_in_its_own(torch.ScalarType stored)
    {
        using Sequential source = Module(), target = Module();
        SafetensorsWriter.Write(
            _folder.File("m"),
            source.state_dict().ToDictionary(s => s.Key, s => s.Value.is_floating_point() ? s.Value.to(stored) : s.Value));
        using (var file = SafetensorsFile.Open(_folder.File("m")))
        {
            Assert.Equal(
                ["conv.bias", "conv.weight", "norm.bias", "norm.num_batches_tracked", "norm.running_mean", "norm.running_var", "norm.weight"],
                file.Entries.Keys.Order(StringComparer.Ordinal));
            target.LoadWeights(file);
        }

        foreach ((string name, torch.Tensor value) in target.state_dict())
        {
            torch.Tensor expected = source.state_dict()[name];
            Assert.Equal(expected.dtype, value.dtype);
            if (expected.is_floating_point())
                expected = expected.to(stored).to(expected.dtype);
            Assert.True(expected.equal(value).all().item<bool>(), name);
        }
        Assert.All(target.parameters(), p => Assert.True(p.requires_grad));
    }

    [Fact]
    public void What_does_not_fit_is_listed_and_nothing_is_changed()
    {
        using Sequential module = Module();
        Dictionary<string, torch.Tensor> weights = module.state_dict().ToDictionary(s => s.Key, s => torch.ones_like(s.Value));
        weights.Remove("conv.bias");
        weights["norm.weight"] = torch.ones(2, 4);
        weights["classifier.0.weight"] = torch.ones(1);
        weights["stranger"] = torch.ones(1);
        SafetensorsWriter.Write(_folder.File("m"), weights);
        torch.Tensor before = module.state_dict()["conv.weight"].clone();

        using var file = SafetensorsFile.Open(_folder.File("m"));
        string message = Assert.Throws<InvalidDataException>(
            () => module.LoadWeights(file, ignore: name => name.StartsWith("classifier.", StringComparison.Ordinal))).Message;

        Assert.Contains(_folder.File("m"), message);
        Assert.Contains("missing: conv.bias [4]", message);
        Assert.Contains("shape: norm.weight is [2, 4], expected [4]", message);
        Assert.Contains("unexpected: stranger", message);
        Assert.DoesNotContain("classifier", message);
        Assert.True(before.equal(module.state_dict()["conv.weight"]).all().item<bool>());
    }

    private static Sequential Module()
        => torch.nn.Sequential(("conv", torch.nn.Conv2d(3, 4, 3)), ("norm", torch.nn.BatchNorm2d(4)));
}
