using Spn.Segmentation.Torch.Layers;
using Spn.Torch;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Spn.Segmentation.Torch;

/// <summary>
/// The multi-objective network for face parsing (Liu, Yang, Huang and Yang, "Multi-Objective Convolutional Learning for Face Labeling",
/// CVPR 2015): it reads the image and prior maps, and predicts classes and class boundaries together.
/// <see cref="LabelSmoothing"/> then smooths the classes within the boundaries.
/// </summary>
/// <remarks>
/// 96 (5x5), pool, 256 (5x5), pool, 384, 384 and 256 maps (3x3), batch normalization and ReLU, then a 1x1 convolution for each objective;
/// bilinear x4. A prior map is the mean of a class, or of some classes, over the training faces in the frame of the face. Not thread-safe
/// while it is trained.
/// </remarks>
public sealed class MultiObjectiveNetwork : nn.Module<Tensor, Tensor, (Tensor Classes, Tensor Edges)>
{
    [ComponentName(Name = "layers")] private readonly ModuleList<ConvolutionBlock> _layers;
    [ComponentName(Name = "classes")] private readonly ConvolutionLayer _classes;
    [ComponentName(Name = "edges")] private readonly ConvolutionLayer _edges;
    private readonly int _priors;

    /// <summary>Creates an untrained network.</summary>
    /// <param name="classes">The number of classes K, 2 or more. Default 11, as in Helen.</param>
    /// <param name="priors">The number P of prior maps, 0 or more. Default 3.</param>
    /// <param name="widthDivisor">Divides the number of maps of every layer, 1 or more. Default 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public MultiObjectiveNetwork(int classes = 11, int priors = 3, int widthDivisor = 1)
        : base(nameof(MultiObjectiveNetwork))
    {
        Images.RequireNetwork(classes, widthDivisor);
        ArgumentOutOfRangeException.ThrowIfNegative(priors);
        _priors = priors;
        _layers = new(
            new ConvolutionBlock(3 + priors, Width(96), 5),
            new ConvolutionBlock(Width(96), Width(256), 5),
            new ConvolutionBlock(Width(256), Width(384), 3),
            new ConvolutionBlock(Width(384), Width(384), 3),
            new ConvolutionBlock(Width(384), Width(256), 3));
        _classes = new ConvolutionLayer(Width(256), classes, 1);
        _edges = new ConvolutionLayer(Width(256), 1, 1);
        RegisterComponents();

        long Width(long maps) => Images.Narrow(maps, widthDivisor);
    }

    /// <summary>Predicts the classes and their boundaries.</summary>
    /// <param name="image"><c>[N, 3, H, W]</c>, float32, RGB in 0..1; H and W are 4 or more.</param>
    /// <param name="priors"><c>[N, P, H, W]</c>, float32, in 0..1.</param>
    /// <returns>
    /// Logits of the classes <c>[N, K, H, W]</c> and log-odds of a boundary <c>[N, 1, H, W]</c>. The caller owns them.
    /// </returns>
    /// <exception cref="ArgumentException">A tensor has another type or shape.</exception>
    public override (Tensor Classes, Tensor Edges) forward(Tensor image, Tensor priors)
    {
        Images.Require(image);
        ArgumentNullException.ThrowIfNull(priors);
        long[] expected = [image.shape[0], _priors, image.shape[2], image.shape[3]];
        if (priors.dtype != ScalarType.Float32 || !priors.shape.SequenceEqual(expected))
        {
            throw new ArgumentException(
                $"The priors are {priors.dtype} [{string.Join(", ", priors.shape)}], expected Float32 [{string.Join(", ", expected)}].",
                nameof(priors));
        }
        using DisposeScope scope = NewDisposeScope();
        Tensor x = cat([Images.Normalize(image), priors], 1);
        for (int i = 0; i < _layers.Count; i++)
            x = _layers[i].forward(i is 1 or 2 ? nn.functional.max_pool2d(x, 2) : x);
        return (Enlarged(_classes), Enlarged(_edges));

        Tensor Enlarged(ConvolutionLayer head) => Images.Resize(head.forward(x), expected[2], expected[3]).MoveToOuterDisposeScope();
    }

    /// <summary>Both objectives: cross-entropy of the classes plus binary cross-entropy of the boundaries.</summary>
    /// <param name="prediction">The result of <see cref="forward"/>.</param>
    /// <param name="labels">The true classes <c>[N, H, W]</c>, int64; values outside 0..K-1 are ignored.</param>
    /// <returns>A scalar. The caller owns it.</returns>
    public static Tensor Loss((Tensor Classes, Tensor Edges) prediction, Tensor labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        using DisposeScope scope = NewDisposeScope();
        using Scalar classes = prediction.Classes.shape[1].ToScalar(), ignored = (-100L).ToScalar();
        Tensor known = labels.masked_fill(labels.ge(classes).logical_or(labels.lt(Scalars.Zero)), ignored);
        return nn.functional.cross_entropy(prediction.Classes, known)
            .add(nn.functional.binary_cross_entropy_with_logits(prediction.Edges, Boundaries(labels)), Scalars.One)
            .MoveToOuterDisposeScope();
    }

    /// <summary>The target of the second objective: pixels with a neighbour to the left, right, above or below of another class.</summary>
    /// <param name="labels">Classes <c>[N, H, W]</c>, int64.</param>
    /// <returns><c>[N, 1, H, W]</c>, float32, 0 or 1. The caller owns it.</returns>
    public static Tensor Boundaries(Tensor labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        using DisposeScope scope = NewDisposeScope();
        Tensor edges = zeros(labels.shape, dtype: float32, device: labels.device);
        foreach (int dimension in new[] { 1, 2 })
        {
            long length = labels.shape[dimension] - 1;
            if (length == 0)
                continue;
            Tensor differs = labels.narrow(dimension, 0, length).ne(labels.narrow(dimension, 1, length)).to(float32);
            foreach (int side in new[] { 0, 1 })
                edges.narrow(dimension, side, length).add_(differs, Scalars.One);
        }
        return edges.gt(Scalars.Zero).to(float32).unsqueeze(1).MoveToOuterDisposeScope();
    }
}
