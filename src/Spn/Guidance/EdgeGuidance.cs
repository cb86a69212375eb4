using Spn.Inference;
using Spn.Propagation;
using TorchSharp;

namespace Spn.Guidance;

/// <summary>
/// Hand-made guidance that needs no training: masks spread over similar colours and stop where colours change. Non-negative gates from
/// colour differences between a pixel and its three predecessors in each of four directions, applied to the masks at full resolution.
/// </summary>
/// <remarks>
/// <para>
/// The photo itself is propagated first, twice, with gates from its own colours, which flattens texture and noise but keeps edges; the
/// masks' gates come from that flattened photo. σ, the colour difference that counts as an edge, follows the photo's contrast, and lengths
/// follow its size. Both steps are the operator with three-way connection and mean merge: weighted means, so a constant mask stays
/// constant, a refined mask stays in 0..1, refining 1 - m gives 1 - the refined m, and zero gates give the mask back.
/// </para>
/// <para>Immutable and thread-safe. Computed on the CPU; results return to the input's device. Differentiable in the masks, not in the
/// image.</para>
/// </remarks>
public sealed record EdgeGuidance : ITiledGuidance
{
    private const int GateMaps = EdgeRefinement.GateMaps;
    private const double ReferenceSize = 512;

    // Tuned on the training sequences with the defaults below: benchmarks/results/edge-guidance.md.
    private const double UsualSigma = 0.028;
    private const double LeastDifference = 0.5 / 255;

    // A round moves a mask by a reach in one of four directions, so rounds add up as a random walk does; measured on photos of 4 and 15
    // megapixels.
    private const double MarginReaches = 2.5;

    /// <summary>
    /// Pixels over which one scan averages a mask inside one colour, at a photo of 512 x 512; it grows with √(width·height).
    /// More closes larger holes and removes larger bumps, and thin parts fade. Default 12, range 1..1000.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Reach
    {
        get;
        init => field = InRange(value, 1, 1000, nameof(Reach));
    } = 12;

    /// <summary>
    /// How large a colour difference counts as an edge, relative to what suits the photo's contrast: below 1 the mask stops at fainter
    /// edges, above 1 only at stronger ones. Default 1, range 0.01..100.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double EdgeThreshold
    {
        get;
        init => field = InRange(value, 0.01, 100, nameof(EdgeThreshold));
    } = 1;

    /// <summary>
    /// The refined mask's share in the result; the coarse mask keeps the rest, so a hard mask changes side only where its surroundings
    /// clearly disagree with it. Default 0.85, range 0..1.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Strength
    {
        get;
        init => field = InRange(value, 0, 1, nameof(Strength));
    } = 0.85;

    /// <summary>
    /// Times the mask goes through the four scans; each round reuses the gates. Time grows in proportion. Default 8, range 1..100.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public int Rounds
    {
        get;
        init => field = (int)InRange(value, 1, 100, nameof(Rounds));
    } = 8;

    /// <summary>
    /// Threads a call may use, 1 or more; <see langword="null"/> (default) takes <c>torch.get_num_threads()</c>. The result does not depend
    /// on it.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int? MaxThreads
    {
        get;
        init => field = value is null ? null : (int)InRange(value.Value, 1, int.MaxValue, nameof(MaxThreads));
    }

    /// <summary>The guidance pass: image → gates, non-negative, each direction's three with a sum below 1.</summary>
    /// <param name="image"><c>[N, 3, H, W]</c>, float32, RGB in 0..1.</param>
    /// <returns><c>[N, 12, H, W]</c>, float32, on the image's device.</returns>
    /// <exception cref="ArgumentException">The image has another type or shape.</exception>
    public torch.Tensor Guide(torch.Tensor image)
    {
        RequireImage(image);
        return Gates(image, Sigmas(image), ReachPixels((int)image.shape[3], (int)image.shape[2]));
    }

    /// <summary>The propagation pass: masks → refined masks, in 0..1.</summary>
    /// <param name="guidance">The result of <see cref="Guide"/>, <c>[N, 12, H, W]</c>.</param>
    /// <param name="masks"><c>[N, K, H, W]</c>, float32, K probability maps in 0..1 at the image's size.</param>
    /// <returns><c>[N, K, H, W]</c>, float32.</returns>
    /// <exception cref="ArgumentException">A tensor has another type or shape, or the two do not fit.</exception>
    public torch.Tensor Propagate(torch.Tensor guidance, torch.Tensor masks)
    {
        RequireMaps(guidance, nameof(guidance));
        RequireMaps(masks, nameof(masks));
        long[] wanted = [masks.shape[0], GateMaps, masks.shape[2], masks.shape[3]];
        if (!guidance.shape.SequenceEqual(wanted))
            throw new ArgumentException($"guidance has shape {Text(guidance)}; expected {Text(wanted)} for masks of shape {Text(masks)}.",
                nameof(guidance));

        if (!(torch.is_grad_enabled() && masks.requires_grad))
            return PropagatePlanes(guidance, masks);
        using var scope = torch.NewDisposeScope();
        torch.Tensor strength = torch.tensor((float)Strength, device: masks.device);
        torch.Tensor zero = torch.zeros_like(strength), one = torch.ones_like(strength);
        torch.Tensor refined = SpatialPropagation.Propagate(masks, guidance, Averaging(Rounds));
        return torch.lerp(masks, refined, strength).clamp(zero, one).MoveToOuterDisposeScope(); // rounding may leave 0..1 by an ulp
    }

    /// <inheritdoc/>
    public IGuidance ForPartsOf(torch.Tensor image)
    {
        RequireImage(image);
        return new Parts(this, Sigmas(image), ReachPixels((int)image.shape[3], (int)image.shape[2]));
    }

    /// <inheritdoc/>
    /// <remarks>It follows <see cref="Reach"/>, and so the image: 16 % of √(width·height) with the defaults.</remarks>
    public int Margin(int width, int height) => (int)Math.Ceiling(MarginReaches * Math.Sqrt(Rounds) * ReachPixels(width, height));

    private unsafe torch.Tensor Gates(torch.Tensor image, float[] sigmas, float reachPixels)
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor photo = image.detach().cpu().contiguous();
        int n = (int)photo.shape[0], height = (int)photo.shape[2], width = (int)photo.shape[3];
        torch.Tensor gates = torch.empty([n, GateMaps, height, width], torch.float32, torch.CPU);
        float* pixels = (float*)TensorMemory.Pointer(photo), maps = (float*)TensorMemory.Pointer(gates);
        nint plane = (nint)width * height;
        for (int i = 0; i < n; i++)
            EdgeRefinement.Guide(pixels + 3 * i * plane, height, width, sigmas[i], reachPixels, maps + GateMaps * i * plane, Threads);
        GC.KeepAlive(photo);
        return gates.to(image.device).MoveToOuterDisposeScope();
    }

    private unsafe torch.Tensor PropagatePlanes(torch.Tensor guidance, torch.Tensor masks)
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor gates = guidance.detach().cpu().contiguous(), coarse = masks.detach().cpu().contiguous(),
            refined = torch.empty_like(coarse);
        int n = (int)coarse.shape[0], k = (int)coarse.shape[1], height = (int)coarse.shape[2], width = (int)coarse.shape[3];
        float* maps = (float*)TensorMemory.Pointer(gates), source = (float*)TensorMemory.Pointer(coarse),
            result = (float*)TensorMemory.Pointer(refined);
        nint plane = (nint)width * height;
        for (int i = 0; i < n; i++)
        {
            nint at = i * k * plane;
            EdgeRefinement.Propagate(maps + GateMaps * i * plane, source + at, k, height, width, Rounds, (float)Strength, result + at,
                Threads);
        }
        GC.KeepAlive(gates);
        GC.KeepAlive(coarse);
        return refined.to(masks.device).MoveToOuterDisposeScope();
    }

    private int Threads => MaxThreads ?? torch.get_num_threads();

    private PropagationOptions Averaging(int rounds)
        => new() { Normalization = GateNormalization.None, Merge = DirectionMerge.Mean, Rounds = rounds, MaxThreads = MaxThreads };

    /// <summary>
    /// σ, per image: the geometric mean of the photo's own median difference and a fixed σ, so it follows the contrast half-way.
    /// </summary>
    private unsafe float[] Sigmas(torch.Tensor image)
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor photo = image.detach().cpu().contiguous();
        (int width, int height) = ((int)photo.shape[3], (int)photo.shape[2]);
        float* pixels = (float*)TensorMemory.Pointer(photo);
        float[] sigmas = new float[photo.shape[0]];
        for (int n = 0; n < sigmas.Length; n++)
        {
            double difference = Math.Max(LeastDifference,
                ImageContrast.MedianDifference(pixels + (nint)n * 3 * width * height, width, height));
            sigmas[n] = (float)(EdgeThreshold * Math.Sqrt(difference * UsualSigma));
        }
        GC.KeepAlive(photo);
        return sigmas;
    }

    /// <summary><see cref="Reach"/> at an image's size.</summary>
    private float ReachPixels(int width, int height) => (float)Math.Max(1.5, Reach * Math.Sqrt((double)width * height) / ReferenceSize);

    private static void RequireImage(torch.Tensor image)
    {
        RequireMaps(image, nameof(image));
        if (image.shape[1] != 3)
            throw new ArgumentException($"image has {image.shape[1]} channels; expected 3, RGB.", nameof(image));
    }

    private static void RequireMaps(torch.Tensor tensor, string name)
    {
        ArgumentNullException.ThrowIfNull(tensor, name);
        if (tensor.IsInvalid)
            throw new ObjectDisposedException(name, $"{name} is a disposed tensor.");
        if (tensor.dtype != torch.ScalarType.Float32)
            throw new ArgumentException($"{name} is {tensor.dtype}; expected Float32.", name);
        if (tensor.dim() != 4 || tensor.shape.Any(size => size is < 1 or > int.MaxValue))
            throw new ArgumentException($"{name} has shape {Text(tensor)}; expected four sizes of at least 1, [N, maps, H, W].", name);
    }

    private static double InRange(double value, double least, double most, string property)
        => value >= least && value <= most ? value
            : throw new ArgumentOutOfRangeException(property, value, $"{property} is {value}; expected {least} to {most}.");

    private static string Text(torch.Tensor tensor) => Text(tensor.shape);

    private static string Text(long[] shape) => $"[{string.Join(", ", shape)}]";

    /// <summary>The same with what an image decides: σ and the reach.</summary>
    private sealed class Parts(EdgeGuidance whole, float[] sigmas, float reachPixels) : IGuidance
    {
        public torch.Tensor Guide(torch.Tensor image) => whole.Gates(image, sigmas, reachPixels);

        public torch.Tensor Propagate(torch.Tensor guidance, torch.Tensor masks) => whole.Propagate(guidance, masks);
    }
}
