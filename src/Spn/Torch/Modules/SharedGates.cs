using Spn.Propagation;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Torch;

/// <summary>
/// Propagates the hidden maps of an image's K masks with the image's gates, which are read in place and never copied.
/// </summary>
internal static class SharedGates
{
    private const long MaxMasks = 8;
    private const long CpuPixels = 1 << 18;

    /// <summary>Refines masks in groups of <see cref="MasksPerPass"/>.</summary>
    /// <param name="masks"><c>[N, K, H, W]</c>.</param>
    /// <param name="refine">Refines a group of the masks.</param>
    /// <returns><c>[N, K, H, W]</c>.</returns>
    public static Tensor InPasses(Tensor masks, Func<Tensor, Tensor> refine)
    {
        Tensor[] passes = masks.split(MasksPerPass(masks), dim: 1);
        if (passes.Length == 1)
            return refine(passes[0]);
        if (is_grad_enabled())
            return cat([.. passes.Select(refine)], 1);

        // Results are copied to their place group by group. Concatenating them would need memory for all masks twice.
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
    /// The number of masks that propagate together. On a GPU more masks are faster. On the CPU a quarter of a megapixel is enough work per
    /// call, and more would not fit into the caches.
    /// </summary>
    /// <param name="masks"><c>[N, K, H, W]</c>.</param>
    private static long MasksPerPass(Tensor masks)
        => masks.device_type == DeviceType.CPU ? Math.Clamp(CpuPixels / (masks.shape[0] * masks.shape[2] * masks.shape[3]), 1, MaxMasks)
            : MaxMasks;

    /// <summary>Propagates each mask separately.</summary>
    /// <param name="hidden"><c>[N·K, C, h, w]</c>.</param>
    /// <param name="gates">Raw guidance <c>[N, 12·G, h, w]</c>.</param>
    /// <param name="masks">The number K of masks.</param>
    /// <param name="options">The rounds, the normalisation and the merge.</param>
    /// <returns><c>[N·K, C, h, w]</c>, or <c>[N·K, 4·C, h, w]</c> if the directions are not merged.</returns>
    public static Tensor Propagate(Tensor hidden, Tensor gates, long masks, PropagationOptions options)
    {
        long n = hidden.shape[0] / masks, c = hidden.shape[1], h = hidden.shape[2], w = hidden.shape[3];
        int results = Results(options.Merge);

        // Channel-major, so that the K copies of a map are adjacent and form one group of gates. For a single mask these are views.
        using DisposeScope scope = NewDisposeScope();
        Tensor grouped = hidden.view(n, masks, c, h, w).transpose(1, 2).reshape(n, c * masks, h, w);
        Tensor spread = SpatialPropagation.Propagate(grouped, gates, options);
        return spread.view(n, results, c, masks, h, w).permute(0, 3, 1, 2, 4, 5).reshape(n * masks, results * c, h, w)
            .MoveToOuterDisposeScope();
    }

    /// <summary>The number of output maps for each input map.</summary>
    public static int Results(DirectionMerge merge) => merge == DirectionMerge.None ? 4 : 1;

    /// <exception cref="ArgumentException">The masks are not float32 masks, or the guidance does not fit them.</exception>
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

    /// <exception cref="ArgumentException">The masks are not float32 masks.</exception>
    public static void RequireMasks(Tensor masks)
    {
        ArgumentNullException.ThrowIfNull(masks);
        long[] mask = masks.shape;
        if (mask.Length != 4 || mask.Contains(0) || masks.dtype != ScalarType.Float32)
            throw new ArgumentException($"The masks are {masks.dtype} [{string.Join(", ", mask)}], expected Float32 [N, K, H, W].",
                nameof(masks));
    }
}
