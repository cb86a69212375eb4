using Spn.Models;
using Spn.Torch;
using TorchSharp;
using Xunit;

namespace Spn.Tests.Torch;

public sealed class Vgg16GuidanceNetworkTests : IDisposable
{
    /// <summary>The convolutions of torchvision's vgg16, from its published layer list: number in <c>features</c>, maps in, maps out.</summary>
    private static readonly (int Number, int In, int Out)[] s_torchvision =
    [
        (0, 3, 64), (2, 64, 64), (5, 64, 128), (7, 128, 128), (10, 128, 256), (12, 256, 256), (14, 256, 256),
        (17, 256, 512), (19, 512, 512), (21, 512, 512), (24, 512, 512), (26, 512, 512), (28, 512, 512),
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = torch.NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Weights_with_torchvisions_names_fill_the_encoder()
    {
        Dictionary<string, torch.Tensor> weights = Random();
        weights["classifier.0.bias"] = Seeded.Rand(1, [5]);
        weights["classifier.6.weight"] = Seeded.Rand(2, [5, 2]);
        string path = _folder.File("vgg16.safetensors");
        SafetensorsWriter.Write(path, weights);

        using var model = Seeded.Model(new SpnConfiguration { Guidance = GuidanceKind.Vgg16 });
        var network = Assert.IsType<Vgg16GuidanceNetwork>(model.Network);
        torch.Tensor head = network.state_dict()["head.weight"].clone();
        network.LoadEncoder(path);

        Dictionary<string, torch.Tensor> state = model.state_dict();
        foreach ((string name, torch.Tensor expected) in weights.Where(w => !w.Key.StartsWith("classifier.", StringComparison.Ordinal)))
            Assert.True(expected.equal(state[$"guidance.{name}"]).all().item<bool>(), name);
        Assert.Equal(weights.Count - 2, state.Keys.Count(k => k.StartsWith("guidance.features.", StringComparison.Ordinal)));
        Assert.True(head.equal(state["guidance.head.weight"]).all().item<bool>());
    }

    [Fact]
    public void Anything_else_is_refused_and_nothing_is_loaded()
    {
        Dictionary<string, torch.Tensor> weights = Random();
        weights.Remove("features.28.bias");
        weights["features.0.weight"] = Seeded.Rand(3, [64, 4, 3, 3]);
        weights["avgpool.weight"] = Seeded.Rand(4, [1]);
        string path = _folder.File("vgg16.safetensors");
        SafetensorsWriter.Write(path, weights);

        using var network = Seeded.Module(7, () => new Vgg16GuidanceNetwork(new SpnConfiguration()));
        torch.Tensor before = network.state_dict()["features.2.weight"].clone();
        string message = Assert.Throws<InvalidDataException>(() => network.LoadEncoder(path)).Message;
        Assert.Contains("missing: features.28.bias [512]", message);
        Assert.Contains("shape: features.0.weight is [64, 4, 3, 3], expected [64, 3, 3, 3]", message);
        Assert.Contains("unexpected: avgpool.weight", message);
        Assert.True(before.equal(network.state_dict()["features.2.weight"]).all().item<bool>());
    }

    private static Dictionary<string, torch.Tensor> Random()
    {
        var weights = new Dictionary<string, torch.Tensor>();
        foreach ((int number, int input, int output) in s_torchvision)
        {
            weights[$"features.{number}.weight"] = Seeded.Rand(5, [output, input, 3, 3]);
            weights[$"features.{number}.bias"] = Seeded.Rand(6, [output]);
        }
        return weights;
    }
}
