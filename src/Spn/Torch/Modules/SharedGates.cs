using Spn.Propagation;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Torch;

/// <summary>
/// Propagation of the hidden maps of an image's K masks, which share the image's gates: the gates are read in place, never copied.
/// </summary>
internal static class SharedGates
{
    private const long MostMasks = 8;
    private const long CpuPixels = 1 << 18;

    /// <summary>Refines masks, as many at once as <see cref="MasksPerPass"/> says.</summary>
    /// <param name="masks"><c>[N, K, H, W]</c>.</param>
    /// <param name="refine">Some of the K masks to as many maps.</param>
    /// <returns><c>[N, K, H, W]</c>.</returns>
    public static Tensor InPasses(Tensor masks, Func<Tensor, Tensor> refine)
    {
        Tensor[] passes = masks.split(MasksPerPass(masks), dim: 1);
        if (passes.Length == 1)
            return refine(passes[0]);
        if (is_grad_enabled())
            return cat([.. passes.Select(refine)], 1);

        // Each pass's masks go into their place at once: a second copy of all would be the peak of memory.
        Tensor all = empty_like(masks);
        long first = 0;
        foreach (Tensor pass in passes)
        {
            using Tensor refined = refine(pass), place = all.narrow(1, first, pass.shape[1]);
            place.copy_(refined);
            first += pass.shape[1];
        }
        return all;
    }

    /// <summary>
    /// The number of masks that propagate together. A GPU wants many; on the CPU a quarter of a megapixel is
    /// enough to be worth a call, and more would leave the caches and get its memory from the system anew.
    /// </summary>
    /// <param name="masks"><c>[N, K, H, W]</c>.</param>
    private static long MasksPerPass(Tensor masks)
        => masks.device_type == DeviceType.CPU ? Math.Clamp(CpuPixels / (masks.shape[0] * masks.shape[2] * masks.shape[3]), 1, MostMasks)
            : MostMasks;

    /// <summary>Propagates, every mask on its own.</summary>
    /// <param name="hidden"><c>[N·K, C, h, w]</c>.</param>
    /// <param name="gates">Raw guidance <c>[N, 12·G, h, w]</c>.</param>
    /// <param name="masks">K.</param>
    /// <param name="options">Rounds, normalisation, merge.</param>
    /// <returns><c>[N·K, C, h, w]</c>, or <c>[N·K, 4·C, h, w]</c> where the directions are not merged.</returns>
    public static Tensor Propagate(Tensor hidden, Tensor gates, long masks, PropagationOptions options)
    {
        long n = hidden.shape[0] / masks, c = hidden.shape[1], h = hidden.shape[2], w = hidden.shape[3];
        int results = Results(options.Merge);

        // Channel-major, so that the K copies of a map lie side by side and read one gate as a group.
        // Of a single mask these are views.
        using DisposeScope scope = NewDisposeScope();
        Tensor grouped = hidden.view(n, masks, c, h, w).transpose(1, 2).reshape(n, c * masks, h, w);
        Tensor spread = SpatialPropagation.Propagate(grouped, gates, options);
        return spread.view(n, results, c, masks, h, w).permute(0, 3, 1, 2, 4, 5).reshape(n * masks, results * c, h, w)
            .MoveToOuterDisposeScope();
    }

    /// <summary>Maps that come out of the propagation for one that goes in.</summary>
    public static int Results(DirectionMerge merge) => merge == DirectionMerge.None ? 4 : 1;

    /// <exception cref="ArgumentException">The masks are no float masks, or the guidance does not fit them.</exception>
    public static void Require(Tensor guidance, Tensor masks, int guidanceMaps)
    {
        ArgumentNullException.ThrowIfNull(guidance);
        RequireMasks(masks);
        long[] mask = masks.shape;
        RequireGuidance(guidance, masks, [mask[0], guidanceMaps, (mask[2] + 1) / 2, (mask[3] + 1) / 2]);
    }

    /// <exception cref="ArgumentException">The guidance does not have the shape that the masks need.</exception>
    public static void RequireGuidance(Tensor guidance, Tensor masks, long[] expected)
    {
        if (guidance.dtype == ScalarType.Float32 && guidance.shape.SequenceEqual(expected))
            return;
        string needed = $"masks [{string.Join(", ", masks.shape)}] need Float32 [{string.Join(", ", expected)}]";
        throw new ArgumentException($"The guidance is {guidance.dtype} [{string.Join(", ", guidance.shape)}]; {needed}.", nameof(guidance));
    }

    /// <exception cref="ArgumentException">The masks are no float masks.</exception>
    public static void RequireMasks(Tensor masks)
    {
        ArgumentNullException.ThrowIfNull(masks);
        long[] mask = masks.shape;
        if (mask.Length != 4 || mask.Contains(0) || masks.dtype != ScalarType.Float32)
            throw new ArgumentException($"The masks are {masks.dtype} [{string.Join(", ", mask)}], expected Float32 [N, K, H, W].",
                nameof(masks));
    }
}
