using Spn.Guidance;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Refinement;

/// <summary>Image and masks at one size on the device → guidance → propagation → refined masks.</summary>
internal sealed class Pipeline(IGuidance guidance, Device device)
{
    /// <summary>Avoids 0 / 0 at pixels where every class is zero; the classes become equal there.</summary>
    private static readonly Scalar s_tiny = 1e-12f.ToScalar();

    public Device Device => device;

    /// <summary>Runs guidance and propagation.</summary>
    /// <param name="image"><c>[N, 3, H, W]</c>, float32 in 0..1, on the device.</param>
    /// <param name="masks"><c>[N, K, H, W]</c>, float32 in 0..1, on the device.</param>
    /// <param name="stages">Notified when each stage ends.</param>
    /// <returns><c>[N, K, H, W]</c>.</returns>
    /// <exception cref="InsufficientMemoryException">The device has too little memory for the image, or for a single mask.</exception>
    public Tensor Run(Tensor image, Tensor masks, Stages stages)
    {
        using DisposeScope scope = NewDisposeScope(); // frees the guidance before the caller works on the refined masks
        Tensor guided = DeviceMemory.Require("Guidance", image, device, () => guidance.Guide(image));
        stages.End(Stage.Guidance);
        Tensor refined = DeviceMemory.Require("Propagation, even of a single mask,", image, device, () => Propagate(guided, masks));
        stages.End(Stage.Propagation);
        return refined.MoveToOuterDisposeScope();
    }

    /// <summary>Propagates all masks together, or in the largest groups, found by halving, that the device has memory for.</summary>
    private Tensor Propagate(Tensor guided, Tensor masks)
    {
        var refined = new List<Tensor>();
        long count = masks.shape[1], done = 0, piece = count;
        while (done < count)
        {
            piece = Math.Min(piece, count - done);
            if (TryPropagate(guided, masks, done, piece) is { } some)
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

    /// <summary>
    /// Propagates some of the masks; <see langword="null"/> if the device has too little memory for them, but may have enough for fewer.
    /// </summary>
    private Tensor? TryPropagate(Tensor guided, Tensor masks, long first, long count)
    {
        // Frees what a failed attempt allocated before the next one.
        using DisposeScope attempt = NewDisposeScope();
        Tensor piece = masks.narrow(1, first, count);
        try
        {
            Tensor refined = guidance.Propagate(guided, piece);
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

    /// <summary>
    /// Divides every pixel's classes by their sum. Classes that are 0 everywhere in the coarse maps stay 0, unless all are.
    /// </summary>
    /// <param name="maps"><c>[N, K, H, W]</c>.</param>
    /// <param name="coarse">What the maps were refined from, <c>[N, K, H, W]</c>.</param>
    /// <returns><c>[N, K, H, W]</c>.</returns>
    public static Tensor SumToOne(Tensor maps, Tensor coarse)
    {
        if (maps.numel() == 0)
            return maps.alias();
        using DisposeScope scope = NewDisposeScope();
        Tensor zero = tensor(0f, device: maps.device);
        Tensor present = coarse.amax([2, 3], keepdim: true).gt(zero);
        Tensor counts = present.logical_or(present.any(1, keepdim: true).logical_not()).to(float32);
        Tensor positive = maps.clamp_min(s_tiny).mul_(counts);
        return positive.div_(positive.sum(1, keepdim: true)).MoveToOuterDisposeScope();
    }
}
