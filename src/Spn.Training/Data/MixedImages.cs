using Spn.Training.Scenes;

namespace Spn.Training;

/// <summary>Several sources as one: each image comes from one of them, drawn by weight.</summary>
public sealed class MixedImages : ILabeledImages
{
    private const ulong Seed = 0x4D69786564;

    private readonly ILabeledImages[] _images;
    private readonly float[] _weights;

    /// <param name="sources">The sources, each with its weight, 0 or more and not all 0.</param>
    /// <exception cref="ArgumentException">There is no source, one is null, or a weight is out of range.</exception>
    public MixedImages(params (ILabeledImages Images, float Weight)[] sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        foreach ((ILabeledImages images, float weight) in sources)
        {
            if (images is null)
                throw new ArgumentException("sources: one is null.", nameof(sources));
            if (!(weight >= 0 && float.IsFinite(weight)))
                throw new ArgumentException($"sources: a weight of {weight} came; expected 0 or more.", nameof(sources));
        }
        if (!sources.Any(source => source.Weight > 0))
            throw new ArgumentException($"sources: {sources.Length} came, none with a weight above 0; expected one or more.", nameof(sources));
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
