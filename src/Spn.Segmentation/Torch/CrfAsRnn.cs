using System.Runtime.InteropServices;
using Spn.Segmentation.Lattice;
using Spn.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Spn.Segmentation.Torch;

/// <summary>
/// The dense CRF as a recurrent layer with learned weights (Zheng et al., "Conditional Random Fields as Recurrent Neural Networks",
/// ICCV 2015): each iteration filters the softmax with two Gaussian kernels, over position and over position and colour, weights the
/// messages per class, mixes the classes by a compatibility matrix, and adds the unary term.
/// </summary>
/// <remarks>
/// <para>
/// Parameters, each <c>[K, K]</c>: <c>spatial</c> (3 on the diagonal at first), <c>bilateral</c> (5 on the diagonal) and
/// <c>compatibility</c> (-1 on the diagonal). They need a learning rate 10³ to 10⁴ times that of the base network. The image gets no
/// gradient.
/// </para>
/// <para>
/// On the CPU only. Not thread-safe while it is trained. Differentiable once: with <c>create_graph: true</c> the gradients are NaN.
/// </para>
/// </remarks>
public sealed class CrfAsRnn : nn.Module<Tensor, Tensor, Tensor>
{
    // The kernels' standard deviations of the paper: θα, θβ and θγ.
    private const float BilateralPosition = 160, BilateralColor = 3, SpatialPosition = 3;
    private const int TrainingIterations = 5, TestIterations = 10;

    private readonly int _classes;
    private readonly Parameter _spatial;
    private readonly Parameter _bilateral;
    private readonly Parameter _compatibility;

    /// <summary>Creates a layer with the paper's first weights.</summary>
    /// <param name="classes">The number of classes K, 2 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 2 classes.</exception>
    public CrfAsRnn(int classes)
        : base(nameof(CrfAsRnn))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        _classes = classes;
        _spatial = Diagonal(3);
        _bilateral = Diagonal(5);
        _compatibility = Diagonal(-1);
        register_parameter("spatial", _spatial);
        register_parameter("bilateral", _bilateral);
        register_parameter("compatibility", _compatibility);

        Parameter Diagonal(float value)
        {
            using Tensor identity = eye(classes, dtype: float32), factor = tensor(value);
            return nn.Parameter(identity.mul(factor));
        }
    }

    /// <summary>Refines logits: 5 iterations in training, 10 in evaluation.</summary>
    /// <param name="image"><c>[N, 3, H, W]</c>, RGB in 0..1, float32, on the CPU.</param>
    /// <param name="logits"><c>[N, K, H, W]</c>, float32, on the CPU: the unary term, as a network's output before its softmax.</param>
    /// <returns>Logits <c>[N, K, H, W]</c>.</returns>
    /// <exception cref="ArgumentException">A shape, a type, a device or a value of the image does not fit.</exception>
    public override Tensor forward(Tensor image, Tensor logits)
    {
        Check(image, logits);
        using DisposeScope scope = NewDisposeScope();
        Tensor[] refined = [.. Enumerable.Range(0, (int)image.shape[0]).Select(i => Refine(image[i], logits[i]))];
        return stack(refined).MoveToOuterDisposeScope();
    }

    /// <param name="image"><c>[3, H, W]</c>.</param>
    /// <param name="logits"><c>[K, H, W]</c>.</param>
    private Tensor Refine(Tensor image, Tensor logits)
    {
        (int height, int width) = ((int)image.shape[1], (int)image.shape[2]);
        using Tensor dense = image.detach().contiguous();
        float[] pixels = MemoryMarshal.Cast<byte, float>(dense.bytes).ToArray();
        (PermutohedralLattice Lattice, Tensor Sums) spatial = Kernel(PairwiseKernel.Position(width, height, SpatialPosition, 1));
        (PermutohedralLattice Lattice, Tensor Sums) bilateral = Kernel(
            PairwiseKernel.Appearance(pixels, width, height, BilateralPosition, BilateralColor, 1));
        Tensor unary = logits.reshape(_classes, -1), q = unary;
        for (int i = 0; i < (training ? TrainingIterations : TestIterations); i++)
        {
            Tensor distribution = q.softmax(0);
            Tensor messages = _spatial.mm(Filter(spatial.Lattice, spatial.Sums, distribution))
                .add(_bilateral.mm(Filter(bilateral.Lattice, bilateral.Sums, distribution)), Scalars.One);
            q = unary.sub(_compatibility.mm(messages));
        }
        return q.reshape(logits.shape);
    }

    private static (PermutohedralLattice Lattice, Tensor Sums) Kernel(PairwiseKernel kernel)
    {
        var lattice = new PermutohedralLattice(kernel.Features.Span, kernel.Dimensions, Environment.ProcessorCount);
        using Tensor ones = torch.ones(1, lattice.Points, dtype: float32);
        return (lattice, LatticePlanes.Filter(lattice, ones, transposed: false, Environment.ProcessorCount));
    }

    private static Tensor Filter(PermutohedralLattice lattice, Tensor sums, Tensor distribution)
        => LatticeFunction.apply(distribution, lattice, Environment.ProcessorCount).div(sums);

    private void Check(Tensor image, Tensor logits)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(logits);
        Require(image, 3, nameof(image));
        Require(logits, _classes, nameof(logits));
        if (image.shape[0] != logits.shape[0] || image.shape[2] != logits.shape[2] || image.shape[3] != logits.shape[3]
            || image.numel() == 0)
        {
            throw new ArgumentException(
                $"{nameof(logits)}: expected the image's count and size, [{string.Join(", ", image.shape)}], " +
                $"got [{string.Join(", ", logits.shape)}].", nameof(logits));
        }
    }

    private static void Require(Tensor tensor, int channels, string argument)
    {
        if (tensor.dim() != 4 || tensor.shape[1] != channels || tensor.dtype != ScalarType.Float32 || tensor.device_type != DeviceType.CPU)
        {
            throw new ArgumentException(
                $"{argument}: expected [N, {channels}, H, W], float32, on the CPU, got [{string.Join(", ", tensor.shape)}], {tensor.dtype}, " +
                $"{tensor.device}.", argument);
        }
    }
}
