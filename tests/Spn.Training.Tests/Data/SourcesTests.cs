using System.Collections.Concurrent;
using Spn.Training;
using Xunit;

namespace Spn.Training.Tests.Data;

/// <summary>Sources made of sources: mixed and cached.</summary>
public sealed class SourcesTests
{
    [Fact]
    public void Sources_are_drawn_by_weight_and_a_number_always_gives_the_same()
    {
        Recorder one = new(1), two = new(2), never = new(3);
        var mixed = new MixedImages((one, 1), (never, 0), (two, 3));
        byte[] drawn = [.. Enumerable.Range(0, 4000).Select(n => mixed.Image((ulong)n).Mask[0])];

        // 1000 expected, deviation 27.
        Assert.InRange(drawn.Count(d => d == 1), 850, 1150);
        Assert.Empty(never.Asked);
        Assert.Equal(4000, one.Asked.Concat(two.Asked).Distinct().Count());
        ulong[] before = [.. one.Asked];
        Assert.Equal(drawn.Reverse(), Enumerable.Range(0, 4000).Reverse().Select(n => mixed.Image((ulong)n).Mask[0]));
        Assert.Equal(before.Reverse(), one.Asked.Skip(before.Length));
    }

    [Fact]
    public void Impossible_mixtures_are_refused()
    {
        var images = new Recorder(1);
        Assert.Throws<ArgumentNullException>("sources", () => new MixedImages(null!));
        foreach ((ILabeledImages, float)[] sources in new (ILabeledImages, float)[][]
                 {
                     [], [(images, 0)], [(images, -1)], [(images, float.NaN)], [(images, float.PositiveInfinity)], [(images, 1), (null!, 1)],
                 })
            Assert.Throws<ArgumentException>("sources", () => new MixedImages(sources));
    }

    [Fact]
    public void Cached_images_are_made_once_each_whoever_asks()
    {
        var images = new Recorder(1);
        var cached = new CachedImages(images, 5);
        Parallel.For(0, 200, n => Assert.Same(cached.Image((ulong)n % 5), cached.Image((ulong)n)));
        Assert.Equal([0ul, 1ul, 2ul, 3ul, 4ul], images.Asked.Order());
    }

    [Fact]
    public void A_cache_needs_images_and_room()
    {
        Assert.Throws<ArgumentNullException>("images", () => new CachedImages(null!, 1));
        Assert.Throws<ArgumentOutOfRangeException>("count", () => new CachedImages(new Recorder(1), 0));
    }

    /// <summary>Images of one pixel; it remembers the numbers asked for.</summary>
    private sealed class Recorder(byte value) : ILabeledImages
    {
        public ConcurrentQueue<ulong> Asked { get; } = new();

        public LabeledImage Image(ulong number)
        {
            Asked.Enqueue(number);
            return new LabeledImage(1, 1, new byte[3], [value]);
        }
    }
}
