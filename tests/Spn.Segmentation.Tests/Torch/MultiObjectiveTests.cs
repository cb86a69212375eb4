using Spn.Segmentation.Torch;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Spn.Segmentation.Tests.Torch;

public sealed class MultiObjectiveTests : IDisposable
{
    private readonly ToyScenes _toys = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _toys.Dispose();
    }

    [Fact]
    public void It_predicts_classes_and_edges_of_the_images_size()
    {
        using var network = Seeded.Module(1, () => new MultiObjectiveNetwork(5, priors: 2, widthDivisor: 16));
        (Tensor classes, Tensor edges) = network.forward(Seeded.Rand(1, [2, 3, 30, 41]), Seeded.Rand(2, [2, 2, 30, 41]));
        Assert.Equal([2, 5, 30, 41], classes.shape);
        Assert.Equal([2, 1, 30, 41], edges.shape);
        Assert.Throws<ArgumentException>("priors", () => network.forward(Seeded.Rand(1, [2, 3, 30, 41]), zeros(2, 3, 30, 41)));
        Assert.Throws<ArgumentOutOfRangeException>("priors", () => new MultiObjectiveNetwork(priors: -1));
    }

    [Fact]
    public void Gradients_are_right()
    {
        using var network = Seeded.Module(1, () => new MultiObjectiveNetwork(2, priors: 1, widthDivisor: 16));
        Overfitting.GradientsAreRight(network, () => MultiObjectiveNetwork.Loss(network.forward(_toys.Images, _toys.Coarse), Labels()));
    }

    [Fact]
    public void Four_images_are_learned_by_heart()
    {
        using var network = Seeded.Module(1, () => new MultiObjectiveNetwork(2, priors: 1, widthDivisor: 8));
        List<float> losses = Overfitting.Train(
            network, 50, 4e-3, () => MultiObjectiveNetwork.Loss(network.forward(_toys.Images, _toys.Coarse), Labels()));
        Assert.InRange(losses[^1], 0, losses[0] / 3);
    }

    [Fact]
    public void Boundaries_are_both_sides_of_a_change()
    {
        Tensor labels = tensor(new long[] { 0, 0, 1, 0, 0, 1, 2, 2, 2 }).reshape(1, 3, 3);
        float[] expected = [0, 1, 1, 1, 1, 1, 1, 1, 1];
        Assert.Equal(expected, MultiObjectiveNetwork.Boundaries(labels).data<float>().ToArray());
    }

    [Fact]
    public void The_loss_of_a_perfect_prediction_is_zero_and_unknown_labels_are_ignored()
    {
        Tensor labels = tensor(new long[] { 0, 0, 1, 1, 0, 0, 1, 1 }).reshape(1, 2, 4);
        Tensor classes = stack([labels.eq(tensor(0L)), labels.eq(tensor(1L))], 1).to(float32).mul(tensor(40f));
        Tensor edges = MultiObjectiveNetwork.Boundaries(labels).sub(tensor(0.5f)).mul(tensor(80f));
        Assert.InRange(MultiObjectiveNetwork.Loss((classes, edges), labels).item<float>(), 0, 1e-4f);
        Tensor unknown = labels.clone();
        unknown[0, 0, 0] = tensor(255L);
        Assert.InRange(MultiObjectiveNetwork.Loss((classes, edges.mul(tensor(0f))), unknown).item<float>(), 0.69f, 0.70f);
    }

    /// <summary>Noise goes, and the two halves stay apart because an edge lies between them.</summary>
    [Fact]
    public void Labels_are_smoothed_within_edges()
    {
        const int size = 12;
        var random = new Random(3);
        float[] logits = new float[2 * size * size], edges = new float[size * size];
        int wrong = 0;
        for (int i = 0; i < size * size; i++)
        {
            bool right = i % size >= size / 2, seen = random.NextSingle() < 0.15f ? !right : right;
            wrong += seen != right ? 1 : 0;
            logits[seen ? size * size + i : i] = 1;
            edges[i] = i % size is size / 2 or size / 2 - 1 ? 9 : -9;
        }
        Tensor classes = tensor(logits, [1, 2, size, size]), boundary = tensor(edges, [1, 1, size, size]);
        long[] smoothed = LabelSmoothing.Smooth(classes, boundary).argmax(1).data<long>().ToArray();
        int left = Enumerable.Range(0, size * size).Count(i => smoothed[i] != (i % size >= size / 2 ? 1 : 0));
        Assert.True(wrong > 10);
        Assert.InRange(left, 0, wrong / 4);
        Assert.True(LabelSmoothing.Smooth(classes, boundary, weight: 0).allclose(classes.log_softmax(1), 1e-5, 1e-5));
        Assert.Throws<ArgumentException>("edges", () => LabelSmoothing.Smooth(classes, classes));
        Assert.Throws<ArgumentOutOfRangeException>("weight", () => LabelSmoothing.Smooth(classes, boundary, weight: double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>("iterations", () => LabelSmoothing.Smooth(classes, boundary, iterations: -1));
    }

    private Tensor Labels() => _toys.Masks.squeeze(1).to(int64);
}
