namespace Spn.Training;

/// <summary>Combines several sources. Each image comes from one of them, drawn at random by weight. Thread-safe.</summary>
public sealed class MixedImages : ILabeledImages
{
    private const ulong Seed = 0x4D69786564;

    private readonly ILabeledImages[] _images;
    private readonly float[] _weights;

    /// <param name="sources">The sources and their weights. Each weight must be 0 or more, and at least one must be above 0.</param>
    /// <exception cref="ArgumentException">There is no source, a source is null, or a weight is out of range.</exception>
    public MixedImages(params (ILabeledImages Images, float Weight)[] sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        foreach ((ILabeledImages images, float weight) in sources)
        {
            if (images is null)
                throw new ArgumentException("A source is null.", nameof(sources));
            if (!(weight >= 0 && float.IsFinite(weight)))
                throw new ArgumentException($"Expected weights of 0 or more, got {weight}.", nameof(sources));
        }
        if (!sources.Any(source => source.Weight > 0))
            throw new ArgumentException(
                $"Expected a source with a weight above 0, got {sources.Length} sources without one.", nameof(sources));
        _images = [.. sources.Select(source => source.Images)];
        _weights = [.. sources.Select(source => source.Weight)];
    }

    /// <inheritdoc/>
    public LabeledImage Image(ulong number)
    {
        var random = new SeededRandom(Seed, number);
        return _images[random.Weighted(_weights)].Image(random.Bits());
    }
}
