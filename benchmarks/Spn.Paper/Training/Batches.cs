using Spn.Paper.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Paper.Training;

/// <summary>What trainings have in common: random batches, and the output of a network that is not trained.</summary>
internal static class Batches
{
    /// <summary>Random views of random pictures.</summary>
    public static Picture[] Random(IReadOnlyList<Picture> training, int size, Random random, IReadOnlyList<byte>? mirrored = null)
        => [.. Enumerable.Range(0, size).Select(_ => View.Random(training[random.Next(training.Count)], random, mirrored))];

    /// <summary>The cross-entropy of a network's classes.</summary>
    public static Tensor CrossEntropy(nn.Module<Tensor, Tensor> network, IReadOnlyList<Picture> batch)
        => nn.functional.cross_entropy(network.forward(Tensors.Images(batch)), Tensors.Labels(batch));

    /// <summary>The logits of a network that is not trained.</summary>
    public static Tensor Frozen(nn.Module<Tensor, Tensor> network, Tensor images)
    {
        using IDisposable noGradient = no_grad();
        return network.forward(images);
    }
}
