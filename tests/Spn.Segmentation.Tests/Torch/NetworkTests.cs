using Spn.Segmentation.Torch;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Spn.Segmentation.Tests.Torch;

/// <summary>What all networks from an image to classes have in common.</summary>
public sealed class NetworkTests : IDisposable
{
    private readonly ToyScenes _toys = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<string> Names => [nameof(FaceNetwork), nameof(Fcn8s), nameof(DeepLabVgg16), nameof(DeepLabResNet101)];

    public void Dispose()
    {
        _scope.Dispose();
        _toys.Dispose();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Logits_have_the_images_size(string name)
    {
        nn.Module<Tensor, Tensor> network = Network(name, 3, 16);
        network.eval();
        foreach (long[] size in new long[][] { [64, 64], [50, 37], [33, 70] })
        {
            Tensor logits = network.forward(Seeded.Rand(1, [2, 3, .. size]));
            Assert.Equal([2, 3, .. size], logits.shape);
            Assert.True(logits.isfinite().all().item<bool>());
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_are_right(string name)
    {
        nn.Module<Tensor, Tensor> network = Network(name, 2, 16);
        Tensor labels = Labels();
        Overfitting.GradientsAreRight(network, () => nn.functional.cross_entropy(network.forward(_toys.Images), labels));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Four_images_are_learned_by_heart(string name)
    {
        nn.Module<Tensor, Tensor> network = Network(name, 2, name switch { nameof(FaceNetwork) => 4, nameof(Fcn8s) => 16, _ => 8 });
        Tensor labels = Labels();
        List<float> losses = Overfitting.Train(
            network, 50, 4e-3, () => nn.functional.cross_entropy(network.forward(_toys.Images), labels));
        Assert.InRange(losses[^1], 0, losses[0] / 3);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Wrong_arguments_are_refused(string name)
    {
        Assert.Throws<ArgumentOutOfRangeException>("classes", () => Network(name, 1, 16));
        Assert.Throws<ArgumentOutOfRangeException>("widthDivisor", () => Network(name, 2, 0));
        nn.Module<Tensor, Tensor> network = Network(name, 2, 16);
        Assert.Throws<ArgumentNullException>("image", () => network.forward(null!));
        Assert.Throws<ArgumentException>("image", () => network.forward(zeros(3, 64, 64)));
        Assert.Throws<ArgumentException>("image", () => network.forward(zeros(1, 4, 64, 64)));
        Assert.Throws<ArgumentException>("image", () => network.forward(zeros([1, 3, 64, 64], dtype: float64)));
    }

    internal static nn.Module<Tensor, Tensor> Network(string name, int classes, int widthDivisor)
        => Seeded.Module<nn.Module<Tensor, Tensor>>(1, () => name switch
        {
            nameof(FaceNetwork) => new FaceNetwork(classes, widthDivisor),
            nameof(Fcn8s) => new Fcn8s(classes, widthDivisor),
            nameof(DeepLabVgg16) => new DeepLabVgg16(classes, widthDivisor),
            _ => new DeepLabResNet101(classes, widthDivisor),
        });

    private Tensor Labels() => _toys.Masks.squeeze(1).to(int64);
}
