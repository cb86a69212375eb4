using Spn.Segmentation.Torch;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace Spn.Segmentation.Tests.Torch;

/// <summary>Sizes that are known from the papers, and outputs that follow from chosen weights.</summary>
public sealed class KnownNetworkTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void The_face_network_has_three_million_parameters()
        => Assert.InRange(new FaceNetwork().parameters().Sum(p => p.numel()), 3_100_000, 3_300_000);

    /// <summary>
    /// All of torchvision's <c>resnet101</c> but <c>fc</c>, 44,549,160 - 2,049,000, and nine weights per input map and class.
    /// </summary>
    [Fact]
    public void The_residual_network_has_as_many_parameters_as_the_original()
        => Assert.Equal(42_500_160 + 4 * (9 * 2048 * 21 + 21), new DeepLabResNet101().parameters().Sum(p => p.numel()));

    [Theory]
    [InlineData(nameof(Fcn8s), "score_pool3", 5)]
    [InlineData(nameof(Fcn8s), "score_pool4", 9)]
    [InlineData(nameof(Fcn8s), "score", 17)]
    [InlineData(nameof(DeepLabVgg16), "aspp", 5)]
    public void Scores_lie_where_the_image_has_what_they_see(string name, string path, double tolerance)
    {
        nn.Module<Tensor, Tensor> network = NetworkTests.Network(name, 2, 16);
        network.eval();
        PassFirstMap(network, path);
        using IDisposable noGradient = no_grad();
        Tensor image = zeros(1, 3, 192, 160);
        image.narrow(2, 88, 16).narrow(3, 48, 16).copy_(ones(1));
        Tensor response = network.forward(image)[0, 1];
        Tensor moved = response.sub(network.forward(zeros_like(image))[0, 1]);
        double total = moved.sum().item<float>();
        Assert.True(total > 0.1, $"The square changes the scores by {total} in total.");
        Assert.InRange(moved.sum([1L]).mul(arange(192)).sum().item<float>() / total, 95.5 - tolerance, 95.5 + tolerance);
        Assert.InRange(moved.sum([0L]).mul(arange(160)).sum().item<float>() / total, 55.5 - tolerance, 55.5 + tolerance);
    }

    [Theory]
    [InlineData(nameof(Fcn8s))]
    [InlineData(nameof(DeepLabVgg16))]
    [InlineData(nameof(DeepLabResNet101))]
    public void Without_weights_scores_are_the_sum_of_the_biases(string name)
    {
        nn.Module<Tensor, Tensor> network = NetworkTests.Network(name, 2, 16);
        network.eval();
        int paths = 0;
        using IDisposable noGradient = no_grad();
        foreach ((string parameter, Parameter value) in network.named_parameters())
        {
            bool score = value.shape[0] == 2;
            value.copy_(score && value.dim() == 1 ? ones(1) : zeros(1));
            paths += score && value.dim() == 1 ? 1 : 0;
        }
        Tensor scores = network.forward(Seeded.Rand(1, [1, 3, 41, 56]));
        Assert.True(paths >= 3);
        Assert.True(scores.allclose(tensor((float)paths), 1e-4, 1e-4));
    }

    /// <summary>Convolutions pass their first input map on to their first output map, and only one path has scores, of class 1.</summary>
    private static void PassFirstMap(nn.Module network, string path)
    {
        using IDisposable noGradient = no_grad();
        foreach ((string name, Parameter value) in network.named_parameters())
        {
            value.copy_(zeros(1));
            bool score = value.shape[0] == 2 && value.dim() > 1;
            if (value.dim() == 4 && (!score || name.StartsWith(path + ".", StringComparison.Ordinal)))
                value[score ? 1 : 0, 0, value.shape[2] / 2, value.shape[3] / 2] = tensor(1f);
        }
    }
}
