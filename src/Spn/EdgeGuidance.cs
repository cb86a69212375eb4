using Spn.Inference;
using Spn.Models;

namespace Spn;

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
/// <para>Immutable and thread-safe. Computed on the CPU.</para>
/// </remarks>
public sealed record EdgeGuidance : ITiledMethod, IMemoryEstimate
{
    private const double ReferenceSize = 512;

    // Tuned on the training sequences with the defaults below: benchmarks/results/edge-guidance.md.
    private const double UsualSigma = 0.028;
    private const double MinDifference = 0.5 / 255;

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
    /// The maximum number of threads of a call, 1 or more; <see langword="null"/> (default) means all processors. The result does not
    /// depend on it.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int? MaxThreads
    {
        get;
        init => field = value is null ? null : (int)InRange(value.Value, 1, int.MaxValue, nameof(MaxThreads));
    }

    /// <inheritdoc/>
    public IGuidance Guide(ReadOnlySpan<float> image, int width, int height)
    {
        MethodCheck.Image(image, width, height);
        return Guide(image, width, height, Sigma(image, width, height), ReachPixels(width, height));
    }

    IRefinementMethod IRefinementMethod.WithMaxThreads(int threads) => this with { MaxThreads = Math.Min(threads, Threads) };

    IRefinementMethod ITiledMethod.ForTilesOf(ReadOnlySpan<float> image, int width, int height)
    {
        MethodCheck.Image(image, width, height);
        return new Tiles(this, Sigma(image, width, height), ReachPixels(width, height));
    }

    /// <inheritdoc/>
    /// <remarks>It grows with <see cref="Reach"/> and with the image: 16 % of √(width·height) with the defaults.</remarks>
    public int Margin(int width, int height) => (int)Math.Ceiling(MarginReaches * Math.Sqrt(Rounds) * ReachPixels(width, height));

    long IMemoryEstimate.RequiredBytes(int width, int height, int masks) => EdgeRefinement.RequiredBytes(height, width, masks, Rounds);

    private int Threads => MaxThreads ?? Environment.ProcessorCount;

    private EdgeRefinement Guide(ReadOnlySpan<float> image, int width, int height, float sigma, float reach)
        => new(image, width, height, sigma, reach, Rounds, (float)Strength, Threads);

    /// <summary>
    /// σ: the geometric mean of the image's own median difference and a fixed σ, so it follows the contrast half-way.
    /// </summary>
    private unsafe float Sigma(ReadOnlySpan<float> image, int width, int height)
    {
        fixed (float* pixels = image)
        {
            double difference = Math.Max(MinDifference, ImageContrast.MedianDifference(pixels, width, height));
            return (float)(EdgeThreshold * Math.Sqrt(difference * UsualSigma));
        }
    }

    /// <summary><see cref="Reach"/> at an image's size.</summary>
    private float ReachPixels(int width, int height) => (float)Math.Max(1.5, Reach * Math.Sqrt((double)width * height) / ReferenceSize);

    private static double InRange(double value, double min, double max, string property)
        => value >= min && value <= max ? value
            : throw new ArgumentOutOfRangeException(property, value, $"{property} is {value}; expected {min} to {max}.");

    /// <summary>The same with what the whole image decides: σ and the reach.</summary>
    private sealed class Tiles(EdgeGuidance whole, float sigma, float reach) : IRefinementMethod
    {
        public IGuidance Guide(ReadOnlySpan<float> image, int width, int height)
        {
            MethodCheck.Image(image, width, height);
            return whole.Guide(image, width, height, sigma, reach);
        }
    }
}
