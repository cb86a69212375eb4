using Spn.Guidance;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Refinement;

/// <summary>Image and masks at one size on the device → guidance → propagation → refined masks.</summary>
internal sealed class Pipeline(IGuidance guidance, Device device)
{
    /// <summary>Keeps a pixel that every class left at 0 out of 0 / 0: its classes become equal.</summary>
    private static readonly Scalar s_tiny = 1e-12f.ToScalar();

    public Device Device => device;

    /// <summary>Runs both passes.</summary>
    /// <param name="image"><c>[N, 3, H, W]</c>, float32 in 0..1, on the device.</param>
    /// <param name="masks"><c>[N, K, H, W]</c>, float32 in 0..1, on the device.</param>
    /// <param name="stages">Told when each pass ends.</param>
    /// <returns><c>[N, K, H, W]</c>.</returns>
    public Tensor Run(Tensor image, Tensor masks, Stages stages)
    {
        Tensor gates = guidance.Guide(image);
        stages.End(Stage.Guidance);
        Tensor refined = guidance.Propagate(gates, masks);
        if (!refined.shape.SequenceEqual(masks.shape))
        {
            throw new InvalidOperationException(
                $"{guidance.GetType().Name}.Propagate returned [{string.Join(", ", refined.shape)}] for masks [{string.Join(", ", masks.shape)}].");
        }
        stages.End(Stage.Propagation);
        return refined;
    }

    /// <summary>Divides every pixel's classes by their sum; where all are 0 they become equal.</summary>
    public static Tensor SumToOne(Tensor maps)
    {
        using Tensor positive = maps.clamp_min(s_tiny), sum = positive.sum(1, keepdim: true);
        return positive / sum;
    }
}
