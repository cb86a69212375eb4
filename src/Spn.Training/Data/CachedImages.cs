using System.Collections.Concurrent;

namespace Spn.Training;

/// <summary>
/// Repeats the first images of a source. Each is created once and kept in memory (4 bytes per pixel, or 5 with ignored pixels), for scenes
/// that take longer to generate than to train on. Thread-safe.
/// </summary>
/// <param name="images">The source.</param>
/// <param name="count">The number of images to keep, 1 or more: image n is the source's image n mod count.</param>
public sealed class CachedImages(ILabeledImages images, int count) : ILabeledImages
{
    private readonly ulong _count = count > 0
        ? (ulong)count
        : throw new ArgumentOutOfRangeException(nameof(count), count, "Expected 1 or more.");
    private readonly ILabeledImages _images = images ?? throw new ArgumentNullException(nameof(images));
    private readonly ConcurrentDictionary<ulong, Lazy<LabeledImage>> _made = new();

    /// <inheritdoc/>
    public LabeledImage Image(ulong number)
        => _made.GetOrAdd(number % _count, n => new Lazy<LabeledImage>(() => _images.Image(n))).Value;
}
