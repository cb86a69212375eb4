using System.Collections.Concurrent;

namespace Spn.Training;

/// <summary>
/// The first images of a source, over and over, each made once and kept in memory (4 bytes a pixel, 5 where some are ignored): for scenes
/// that take longer to make than to train on.
/// </summary>
/// <param name="images">Where they come from.</param>
/// <param name="count">How many, 1 or more: number n gives the source's image n mod count.</param>
public sealed class CachedImages(ILabeledImages images, int count) : ILabeledImages
{
    private readonly ulong _count = count > 0 ? (ulong)count : throw new ArgumentOutOfRangeException(nameof(count), count, "Expected 1 or more.");
    private readonly ILabeledImages _images = images ?? throw new ArgumentNullException(nameof(images));
    private readonly ConcurrentDictionary<ulong, Lazy<LabeledImage>> _made = new();

    /// <inheritdoc/>
    public LabeledImage Image(ulong number)
        => _made.GetOrAdd(number % _count, n => new Lazy<LabeledImage>(() => _images.Image(n))).Value;
}
