using Spn.Models;
using Spn.Segmentation.Torch;
using Spn.Torch;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Spn.Segmentation.Tests.Torch;

/// <summary>Weight files with torchvision's names and shapes fill the networks.</summary>
public sealed class PretrainedWeightsTests : IDisposable
{
    private static readonly (int Number, int Width)[] s_vgg16 =
    [
        (0, 64), (2, 64), (5, 128), (7, 128), (10, 256), (12, 256), (14, 256), (17, 512), (19, 512), (21, 512),
        (24, 512), (26, 512), (28, 512),
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Torchvisions_vgg16_fills_deeplab_at_full_width()
    {
        Dictionary<string, Tensor> weights = Vgg16(divisor: 1);
        weights["classifier.0.weight"] = zeros(1);
        var network = new DeepLabVgg16();
        network.LoadVgg16(Write(weights));
        Equal(weights, network.state_dict(), name => name.StartsWith("features.", StringComparison.Ordinal) ? name : null);
    }

    [Fact]
    public void Torchvisions_vgg16_fills_the_guidance_of_an_spn()
    {
        Dictionary<string, Tensor> weights = Vgg16(divisor: 1);
        string path = Write(weights);
        var network = new SpatialPropagationNetwork(configuration: new SpnConfiguration { Guidance = GuidanceKind.Vgg16 });
        network.LoadVgg16(path);
        Equal(weights, network.state_dict(), name => "guidance." + name);
        Assert.Throws<InvalidOperationException>(() => new SpatialPropagationNetwork().LoadVgg16(path));
    }

    [Fact]
    public void Torchvisions_vgg16_fills_fcn_with_its_classifier()
    {
        const int divisor = 16;
        Dictionary<string, Tensor> weights = Vgg16(divisor);
        weights["classifier.0.weight"] = Seeded.Rand(1, [4096 / divisor, 512 / divisor * 49]);
        weights["classifier.0.bias"] = Seeded.Rand(2, [4096 / divisor]);
        weights["classifier.3.weight"] = Seeded.Rand(3, [4096 / divisor, 4096 / divisor]);
        weights["classifier.3.bias"] = Seeded.Rand(4, [4096 / divisor]);
        weights["classifier.6.weight"] = zeros(1);
        var network = new Fcn8s(widthDivisor: divisor);
        network.LoadVgg16(Write(weights));
        Equal(weights, network.state_dict(), name => name.Split('.')[1] == "6" && name[0] == 'c' ? null
            : name.Replace("classifier.0", "fc6", StringComparison.Ordinal).Replace("classifier.3", "fc7", StringComparison.Ordinal));
    }

    [Fact]
    public void Torchvisions_resnet101_fills_deeplab_at_full_width()
    {
        Dictionary<string, Tensor> weights = ResNet101(divisor: 1);
        long parameters = weights.Where(pair => !pair.Key.Contains("running", StringComparison.Ordinal)).Sum(pair => pair.Value.numel());
        Assert.Equal(42_500_160, parameters);
        weights["fc.weight"] = zeros(1);
        weights["bn1.num_batches_tracked"] = zeros(1);
        var network = new DeepLabResNet101();
        network.LoadResNet101(Write(weights));
        Equal(weights, network.state_dict(), name => name is "fc.weight" or "bn1.num_batches_tracked" ? null : name);
    }

    [Fact]
    public void Loading_freezes_the_statistics()
    {
        Dictionary<string, Tensor> weights = ResNet101(divisor: 16);
        string path = Write(weights);
        var network = new DeepLabResNet101(2, 16);
        network.train();
        network.LoadResNet101(path);
        network.forward(Seeded.Rand(1, [1, 3, 32, 32]));
        Assert.True(network.state_dict()["layer4.2.bn3.running_mean"].equal(weights["layer4.2.bn3.running_mean"]).all().item<bool>());
    }

    [Fact]
    public void Other_files_are_refused_and_nothing_is_loaded()
    {
        Dictionary<string, Tensor> weights = Vgg16(divisor: 16);
        weights.Remove("features.28.bias");
        weights["features.0.weight"] = zeros(4, 4, 3, 3);
        weights["features.2.bias"] = zeros([4], dtype: int64);
        weights["avgpool.weight"] = zeros(1);
        var network = new DeepLabVgg16(widthDivisor: 16);
        Tensor before = network.state_dict()["features.2.weight"].clone();
        string message = Assert.Throws<InvalidDataException>(() => network.LoadVgg16(Write(weights))).Message;
        Assert.Contains("missing: features.28.bias [32]", message);
        Assert.Contains("shape: features.0.weight is [4, 4, 3, 3], expected [4, 3, 3, 3]", message);
        Assert.Contains("type: features.2.bias is I64", message);
        Assert.Contains("unexpected: avgpool.weight", message);
        Assert.True(before.equal(network.state_dict()["features.2.weight"]).all().item<bool>());
    }

    private string Write(Dictionary<string, Tensor> weights)
    {
        string path = _folder.File("weights.safetensors");
        SafetensorsWriter.Write(path, weights);
        return path;
    }

    private static void Equal(Dictionary<string, Tensor> weights, Dictionary<string, Tensor> state, Func<string, string?> named)
    {
        foreach ((string name, Tensor expected) in weights)
        {
            if (named(name) is string target)
                Assert.True(expected.reshape(state[target].shape).equal(state[target]).all().item<bool>(), name);
        }
    }

    private static Dictionary<string, Tensor> Vgg16(int divisor)
    {
        var weights = new Dictionary<string, Tensor>();
        int input = 3;
        foreach ((int number, int width) in s_vgg16)
        {
            weights[$"features.{number}.weight"] = Seeded.Rand(number, [width / divisor, input, 3, 3]);
            weights[$"features.{number}.bias"] = Seeded.Rand(number + 1, [width / divisor]);
            input = width / divisor;
        }
        return weights;
    }

    /// <summary>The names and shapes of torchvision's <c>resnet101</c>, without its classifier.</summary>
    private static Dictionary<string, Tensor> ResNet101(int divisor)
    {
        var weights = new Dictionary<string, Tensor>();
        int seed = 0, input = 64 / divisor;
        Add("conv1", "bn1", 3, input, 7);
        foreach ((int layer, int blocks, int width) in new[] { (1, 3, 64), (2, 4, 128), (3, 23, 256), (4, 3, 512) })
        {
            int inner = width / divisor, output = 4 * width / divisor;
            for (int block = 0; block < blocks; block++)
            {
                string prefix = $"layer{layer}.{block}.";
                Add(prefix + "conv1", prefix + "bn1", input, inner, 1);
                Add(prefix + "conv2", prefix + "bn2", inner, inner, 3);
                Add(prefix + "conv3", prefix + "bn3", inner, output, 1);
                if (block == 0)
                    Add(prefix + "downsample.0", prefix + "downsample.1", input, output, 1);
                input = output;
            }
        }
        return weights;

        void Add(string convolution, string norm, int from, int to, int kernel)
        {
            weights[convolution + ".weight"] = Seeded.Rand(++seed, [to, from, kernel, kernel]);
            foreach (string part in new[] { "weight", "bias", "running_mean", "running_var" })
                weights[$"{norm}.{part}"] = Seeded.Rand(++seed, [to]);
        }
    }
}
