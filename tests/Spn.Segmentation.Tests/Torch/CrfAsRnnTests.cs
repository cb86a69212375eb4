using Spn.Segmentation.Lattice;
using Spn.Segmentation.Tests.References;
using Spn.Segmentation.Torch;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Spn.Segmentation.Tests.Torch;

public sealed class CrfAsRnnTests
{
    private const int Size = 8, Classes = 3;

    [Theory]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(30)]
    public void The_transposed_filter_is_the_transpose(int channels)
    {
        using var lattice = new PermutohedralLattice(Scenes.Points(200, 5, 1), 5, threads: 2);
        using Tensor x = Seeded.Randn(1, [channels, 200]), y = Seeded.Randn(2, [channels, 200]);
        using Tensor forward = LatticePlanes.Filter(lattice, x, transposed: false, 2);
        using Tensor backward = LatticePlanes.Filter(lattice, y, transposed: true, 2);
        float expected = forward.mul(y).sum().item<float>(), got = backward.mul(x).sum().item<float>();
        Assert.Equal(expected, got, 1e-3f * MathF.Abs(expected) + 1e-3f);
        using Tensor same = LatticePlanes.Filter(lattice, y, transposed: false, 2);
        Assert.False(same.allclose(backward, 1e-4, 1e-4), "The points are so dense that the order of the axes makes no difference.");
    }

    [Fact]
    public void Planes_are_filtered_one_by_one()
    {
        using var lattice = new PermutohedralLattice(Scenes.Points(100, 2, 1), 2, threads: 2);
        using Tensor planes = Seeded.Randn(1, [30, 100]), together = LatticePlanes.Filter(lattice, planes, transposed: false, 2);
        for (int i = 0; i < 30; i++)
        {
            using Tensor alone = LatticePlanes.Filter(lattice, planes[i].unsqueeze(0), transposed: false, 2);
            Assert.True(alone[0].allclose(together[i], 1e-5, 1e-5));
        }
    }

    /// <summary>With the layer's first weights it is mean field with Potts compatibility and row-wise normalization.</summary>
    [Fact]
    public void It_equals_the_naive_recurrence()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor image, Tensor logits) = Inputs();
        CrfAsRnn layer = new(Classes);
        layer.eval();
        Tensor refined = layer.forward(image, logits);
        double[] expected = Naive(image, logits, iterations: 10);
        Assert.Equal([1, Classes, Size, Size], refined.shape);
        Assert.Equal(expected, refined.data<float>().Select(value => (double)value), (a, b) => Math.Abs(a - b) < 1e-3);
        layer.train();
        Assert.Equal(
            Naive(image, logits, iterations: 5), layer.forward(image, logits).data<float>().Select(value => (double)value),
            (a, b) => Math.Abs(a - b) < 1e-3);
    }

    /// <summary>Gradients of the logits and of every matrix, against central differences along random directions.</summary>
    [Theory]
    [InlineData("logits")]
    [InlineData("spatial")]
    [InlineData("bilateral")]
    [InlineData("compatibility")]
    public void Gradients_are_right(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor image, Tensor logits) = Inputs();
        CrfAsRnn layer = new(Classes);
        foreach (Tensor weight in layer.parameters())
        {
            using IDisposable noGradient = no_grad();
            weight.mul_(tensor(0.2f)).sub_(Seeded.Rand(9, weight.shape).mul(tensor(0.1f))); // undecided, so that gradients are not tiny
        }
        logits.requires_grad_();
        Tensor value = name == "logits" ? logits : layer.get_parameter(name)!;
        Tensor weights = Seeded.Randn(5, logits.shape), direction = Seeded.Randn(6, value.shape);
        Loss().backward();
        double expected, got = value.grad!.mul(direction).sum().item<float>();
        using (no_grad())
        {
            Tensor step = direction.mul(tensor(0.01f));
            value.sub_(step.neg());
            double above = Loss().item<float>();
            value.sub_(step).sub_(step);
            expected = (above - Loss().item<float>()) / 0.02;
        }
        Assert.True(Math.Abs(expected) > 0.05, $"{expected} is too small to be compared.");
        Assert.Equal(expected, got, 0.02 * Math.Abs(expected) + 0.005);

        Tensor Loss() => layer.forward(image, logits).mul(weights).sum();
    }

    [Fact]
    public void It_learns_the_classes_of_an_image()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor image, Tensor logits) = Inputs();
        long[] permuted = [.. Enumerable.Range(0, Size * Size).Select(i => (long)((Scenes.Region(i, Size) + 1) % Classes))];
        Tensor target = tensor(permuted).reshape(1, Size, Size);
        CrfAsRnn layer = new(Classes);
        float first = 0, last = 0;
        for (int i = 0; i < 60; i++)
        {
            layer.zero_grad();
            Tensor loss = nn.functional.cross_entropy(layer.forward(image, logits), target);
            loss.backward();
            using (no_grad())
            {
                foreach (Tensor weight in layer.parameters())
                    weight.sub_(weight.grad!.div(weight.grad!.norm()).mul(tensor(0.1f)));
            }
            last = loss.item<float>();
            first = i == 0 ? last : first;
        }
        Assert.InRange(last, 0, first / 3);
    }

    [Fact]
    public void A_graph_of_the_gradient_is_not_built()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor image, Tensor logits) = Inputs();
        logits.requires_grad_();
        new CrfAsRnn(Classes).forward(image, logits).sum().backward(create_graph: true);
        Assert.True(logits.grad!.isnan().all().item<bool>());
    }

    [Fact]
    public void A_batch_is_refined_image_by_image()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor image, Tensor logits) = Inputs();
        Tensor images = cat([image, Seeded.Rand(3, image.shape)]), both = cat([logits, Seeded.Randn(4, logits.shape)]);
        CrfAsRnn layer = new(Classes);
        Tensor refined = layer.forward(images, both);
        for (int i = 0; i < 2; i++)
            Assert.True(layer.forward(images.narrow(0, i, 1), both.narrow(0, i, 1)).allclose(refined.narrow(0, i, 1), 0, 0));
    }

    [Fact]
    public void Wrong_tensors_are_refused()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor image, Tensor logits) = Inputs();
        Assert.Throws<ArgumentOutOfRangeException>("classes", () => new CrfAsRnn(1));
        CrfAsRnn layer = new(Classes);
        Assert.Throws<ArgumentNullException>("image", () => layer.forward(null!, logits));
        Assert.Throws<ArgumentNullException>("logits", () => layer.forward(image, null!));
        Assert.Throws<ArgumentException>("image", () => layer.forward(image[0], logits));
        Assert.Throws<ArgumentException>("image", () => layer.forward(image.to(float64), logits));
        Assert.Throws<ArgumentException>("logits", () => layer.forward(image, logits.narrow(1, 0, 2)));
        Assert.Throws<ArgumentException>("logits", () => layer.forward(image, logits.narrow(2, 0, 4)));
        Assert.Throws<ArgumentException>("pixels", () => layer.forward(image.mul(tensor(float.NaN)), logits));
    }

    private static (Tensor Image, Tensor Logits) Inputs()
    {
        Tensor image = tensor(Scenes.Picture(Size)).reshape(1, 3, Size, Size);
        return (image, tensor(Scenes.Noisy(Size, Classes)).log().reshape(1, Classes, Size, Size));
    }

    private static double[] Naive(Tensor image, Tensor logits, int iterations)
    {
        PairwiseKernel[] kernels =
            [PairwiseKernel.Position(Size, Size, 3, 3), PairwiseKernel.Appearance(image.data<float>().ToArray(), Size, Size, 160, 3, 5)];
        const int pixels = Size * Size;
        double[] unary = [.. logits.data<float>().Select(value => (double)value)], q = unary;
        double[] ones = [.. Enumerable.Repeat(1.0, pixels)];
        NaiveLattice[] lattices = [.. kernels.Select(kernel => new NaiveLattice(kernel.Features.ToArray(), kernel.Dimensions))];
        double[][] sums = [.. lattices.Select(lattice => lattice.Filter(ones))];
        for (int i = 0; i < iterations; i++)
        {
            double[] e = [.. q.Select(Math.Exp)], next = (double[])unary.Clone();
            for (int k = 0; k < Classes; k++)
            {
                double[] distribution = [.. Enumerable.Range(0, pixels).Select(
                    pixel => e[k * pixels + pixel] / Enumerable.Range(0, Classes).Sum(other => e[other * pixels + pixel]))];
                for (int kernel = 0; kernel < kernels.Length; kernel++)
                {
                    double[] filtered = lattices[kernel].Filter(distribution);
                    for (int pixel = 0; pixel < pixels; pixel++)
                        next[k * pixels + pixel] += kernels[kernel].Weight * filtered[pixel] / sums[kernel][pixel];
                }
            }
            q = next;
        }
        return q;
    }
}
