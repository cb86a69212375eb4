using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Spn.Segmentation.Torch.Layers;

/// <summary>
/// Batch normalization. Names: <c>weight</c>, <c>bias</c>, <c>running_mean</c>, <c>running_var</c>. TorchSharp's own module counts batches
/// with a Scalar that the garbage collector may free while it is used.
/// </summary>
internal sealed class BatchNormalization : nn.Module<Tensor, Tensor>
{
    private const double Momentum = 0.1, Epsilon = 1e-5;

    private readonly Parameter _weight, _bias;
    private readonly Tensor _mean, _variance;

    /// <param name="maps">The number of maps.</param>
    /// <param name="weight">The initial weights.</param>
    public BatchNormalization(long maps, float weight = 1)
        : base(nameof(BatchNormalization))
    {
        using Scalar initial = weight.ToScalar();
        (_weight, _bias) = (nn.Parameter(full(maps, initial, dtype: float32)), nn.Parameter(zeros(maps, dtype: float32)));
        (_mean, _variance) = (zeros(maps, dtype: float32), ones(maps, dtype: float32));
        register_parameter("weight", _weight);
        register_parameter("bias", _bias);
        register_buffer("running_mean", _mean);
        register_buffer("running_var", _variance);
    }

    /// <summary>Whether training uses the stored statistics, too, and leaves them unchanged.</summary>
    public bool Frozen { get; set; }

    public override Tensor forward(Tensor input)
        => nn.functional.batch_norm(input, _mean, _variance, _weight, _bias, training && !Frozen, Momentum, Epsilon);
}
