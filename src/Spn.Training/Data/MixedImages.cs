using Spn.Training.Scenes;

namespace Spn.Training;

/// <summary>Several sources as one: each image comes from one of them, drawn by weight.</summary>
/// <param name="sources">The sources, each with its weight, 0 or more.</param>
public sealed class MixedImages(params (ILabeledImages Images, float Weight)[] sources) : ILabeledImages
{
    private const ulong Seed = 0x4D69786564;

    private readonly float[] _weights = [.. sources.Select(s => s.Weight >= 0 && float.IsFinite(s.Weight)
        ? s.Weight
        : throw new ArgumentException($"sources: a weight of {s.Weight} came; expected 0 or more.", nameof(sources)))];

    /// <inheritdoc/>
    public LabeledImage Image(ulong number)
    {
        var random = new SeededRandom(Seed, number);
        return sources[random.Weighted(_weights)].Images.Image(random.Bits());
    }
}
