using Spn.Training;
using Xunit;

namespace Spn.Training.Tests.Data;

/// <summary>Objects pasted into other pictures: what is inside the mask is the object, what is outside is not, and unknown pixels stay unknown.</summary>
public sealed class PastedObjectsTests
{
    private const int Size = 96, Count = 200;

    [Fact]
    public void A_number_always_gives_the_same_image_and_another_seed_a_different_one()
    {
        PastedObjects images = new(new ToyImages(Size), 1), again = new(new ToyImages(Size), 1), others = new(new ToyImages(Size), 2);
        LabeledImage[] forward = [.. Enumerable.Range(0, 20).Select(n => images.Image((ulong)n))];
        LabeledImage[] backward = [.. Enumerable.Range(0, 20).Reverse().Select(n => again.Image((ulong)n)).Reverse()];
        Assert.All(forward.Zip(backward), pair => Assert.True(pair.First.Rgb.SequenceEqual(pair.Second.Rgb) && pair.First.Mask.SequenceEqual(pair.Second.Mask)));
        Assert.Contains(forward.Index(), image => !image.Item.Rgb.SequenceEqual(others.Image((ulong)image.Index).Rgb));
    }

    [Fact]
    public void The_mask_is_the_pasted_object_or_the_visible_part_of_the_other()
    {
        var images = new PastedObjects(new ToyImages(Size));
        int pasted = 0, hidden = 0;
        for (ulong number = 0; number < Count; number++)
        {
            LabeledImage image = images.Image(number);
            bool[] disc = Where(image, value => value == 255), outside = Where(image, value => value == 0);
            if (!disc.Contains(true))
                continue;
            // The first picture's own disc has its very colour; the pasted one has a light of its own.
            if (Colours(image, disc).SetEquals([(200, 90, 40)]))
            {
                hidden++;
                Assert.DoesNotContain((200, 90, 40), Colours(image, outside));
            }
            else
            {
                pasted++;
                (int R, int G, int B)[] colours = [.. Colours(image, disc)];
                foreach ((int channel, int[] values) in new[] { (200, colours.Select(c => c.R).ToArray()), (90, [.. colours.Select(c => c.G)]), (40, [.. colours.Select(c => c.B)]) })
                {
                    Assert.InRange(values.Min(), channel / 1.25 - 2, channel * 1.25 + 2);
                    Assert.InRange(values.Max() - values.Min(), 0, 2); // nothing of the old ground in it
                }
                Assert.Subset(new HashSet<(int, int, int)> { (60, 110, 160), (200, 90, 40) }, Colours(image, outside));
            }
        }
        Assert.InRange(hidden, Count / 5, Count / 2);
        Assert.InRange(pasted, Count / 3, Count);
    }

    [Fact]
    public void What_is_unknown_about_the_object_stays_unknown()
    {
        var images = new PastedObjects(new HalfKnown());
        LabeledImage[] made = [.. Enumerable.Range(0, Count).Select(n => images.Image((ulong)n))];
        Assert.All(made, image => Assert.Equal(image.Mask.Length, image.Ignored!.Length));
        Assert.Contains(made, image => image.Ignored!.Contains((byte)255));
        // The lower half of each object is unknown: no more than a few rows of pixels (tilted) may differ.
        LabeledImage[] shown = [.. made.Where(image => image.Mask.Contains((byte)255) && image.Ignored!.Contains((byte)255))];
        Assert.All(shown, image => Assert.InRange(image.Ignored!.Count(value => value == 255), 1, image.Mask.Length / 2));
    }

    [Fact]
    public void Without_an_object_the_picture_is_the_sources()
    {
        var empty = new LabeledImage(4, 3, new byte[36], new byte[12]);
        Assert.Same(empty, new PastedObjects(new Always(empty)).Image(5));
        Assert.Throws<ArgumentNullException>("images", () => new PastedObjects(null!));
    }

    [Fact]
    public void Any_size_can_be_pasted_into_any_other()
    {
        var images = new PastedObjects(new AnySize());
        for (ulong number = 0; number < Count; number++)
        {
            LabeledImage image = images.Image(number);
            Assert.Equal(3 * image.Width * image.Height, image.Rgb.Length);
            Assert.Equal(image.Width * image.Height, image.Mask.Length);
        }
    }

    private static bool[] Where(LabeledImage image, Predicate<byte> mask) => [.. image.Mask.Select(value => mask(value))];

    private static HashSet<(int R, int G, int B)> Colours(LabeledImage image, bool[] where)
        => [.. Enumerable.Range(0, where.Length).Where(i => where[i]).Select(i => ((int)image.Rgb[3 * i], (int)image.Rgb[3 * i + 1], (int)image.Rgb[3 * i + 2]))];

    private sealed class HalfKnown : ILabeledImages
    {
        public LabeledImage Image(ulong number)
        {
            LabeledImage image = new ToyImages(Size).Image(number);
            byte[] ignored = [.. image.Mask.Select((value, i) => (byte)(value > 0 && i / Size > Size / 2 ? 255 : 0))];
            return image with { Ignored = ignored };
        }
    }

    private sealed class Always(LabeledImage image) : ILabeledImages
    {
        public LabeledImage Image(ulong number) => image;
    }

    private sealed class AnySize : ILabeledImages
    {
        public LabeledImage Image(ulong number)
        {
            int width = 1 + (int)(number % 7), height = 1 + (int)(number / 7 % 9);
            return new LabeledImage(width, height, new byte[3 * width * height], [.. Enumerable.Repeat((byte)255, width * height)]);
        }
    }
}
