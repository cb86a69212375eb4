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
    /// <exception cref="InsufficientMemoryException">The device has no memory for the image, or for a single mask.</exception>
    public Tensor Run(Tensor image, Tensor masks, Stages stages)
    {
        using DisposeScope scope = NewDisposeScope(); // the gates are freed before the caller works on the refined masks
        Tensor gates = DeviceMemory.Require("Guidance", image, device, () => guidance.Guide(image));
        stages.End(Stage.Guidance);
        Tensor refined = DeviceMemory.Require("Propagation, even of a single mask,", image, device, () => Propagate(gates, masks));
        stages.End(Stage.Propagation);
        return refined.MoveToOuterDisposeScope();
    }

    /// <summary>All masks at once, or in the largest pieces, by halves, that the device has memory for.</summary>
    private Tensor Propagate(Tensor gates, Tensor masks)
    {
        var refined = new List<Tensor>();
        long count = masks.shape[1], done = 0, piece = count;
        while (done < count)
        {
            piece = Math.Min(piece, count - done);
            if (TryPropagate(gates, masks, done, piece) is { } some)
            {
                refined.Add(some);
                done += piece;
            }
            else
            {
                piece = (piece + 1) / 2;
            }
        }
        return refined.Count == 1 ? refined[0] : cat(refined, 1);
    }

    /// <summary>Some of the masks; <see langword="null"/> where the device has no memory for them, but might for fewer.</summary>
    private Tensor? TryPropagate(Tensor gates, Tensor masks, long first, long count)
    {
        // What a failed attempt has made goes before the next.
        using DisposeScope attempt = NewDisposeScope();
        Tensor piece = masks.narrow(1, first, count);
        try
        {
            Tensor refined = guidance.Propagate(gates, piece);
            if (!refined.shape.SequenceEqual(piece.shape))
            {
                throw new InvalidOperationException(
                    $"{guidance.GetType().Name}.Propagate returned [{string.Join(", ", refined.shape)}] for masks [{string.Join(", ", piece.shape)}].");
            }
            return refined.MoveToOuterDisposeScope();
        }
        catch (Exception failure) when (count > 1 && DeviceMemory.IsShort(failure))
        {
            return null;
        }
    }

    /// <summary>Divides every pixel's classes by their sum; where all are 0 they become equal.</summary>
    public static Tensor SumToOne(Tensor maps)
    {
        Tensor positive = maps.clamp_min(s_tiny);
        using Tensor sum = positive.sum(1, keepdim: true);
        return positive.div_(sum);
    }
}
