using Spn.Training;
using Xunit;

namespace Spn.Training.Tests.Scenes;

/// <summary>Procedural scenes: the same bytes everywhere, masks that fit their images, and difficulties that can be switched.</summary>
public sealed class ScenesTests(ITestOutputHelper output)
{
    private const int Many = 120;

    /// <summary>Nothing that is a matter of chance: what a feature is compared with.</summary>
    private static readonly SceneOptions s_plain = new()
    {
        Width = 128, Height = 96, Shadow = 0, Fur = 0, Camouflage = 0, Clutter = 0, ThinParts = 0, MotionBlur = 0, Defocus = 0, RepeatedTexture = 0,
        Translucency = 0, InnerEdges = 0, Occluders = 0, Distractors = 0, Group = 0, LowContrast = 0, ChromaticAberration = 0, Softness = 0,
        Sharpening = 0, Noise = 0, Jpeg = 0, Uniform = 0,
    };

    public static TheoryData<string> Features =>
        [.. typeof(SceneOptions).GetProperties().Where(property => property.PropertyType == typeof(double)).Select(property => property.Name)];

    [Fact]
    public void A_number_gives_the_same_scene_on_every_thread_in_every_order()
    {
        SceneGenerator scenes = new(7);
        LabeledImage[] expected = [.. Enumerable.Range(0, 12).Select(i => scenes.Image((ulong)i))];

        Parallel.For(0, 36, i =>
        {
            int number = 11 - i % 12;
            LabeledImage image = (i < 12 ? scenes : new SceneGenerator(7)).Image((ulong)number);
            Assert.True(image.Rgb.AsSpan().SequenceEqual(expected[number].Rgb), $"colours of scene {number}");
            Assert.True(image.Mask.AsSpan().SequenceEqual(expected[number].Mask), $"mask of scene {number}");
        });
    }

    [Fact]
    public void Numbers_and_seeds_give_different_scenes()
    {
        byte[][] images = [.. new[] { (0ul, 0ul), (0ul, 1ul), (0ul, ulong.MaxValue), (1ul, 0ul), (1ul, 1ul) }.Select(scene =>
            new SceneGenerator(scene.Item1, s_plain).Image(scene.Item2).Rgb)];

        for (int i = 0; i < images.Length; i++)
            Assert.All(images[..i], other => Assert.False(other.AsSpan().SequenceEqual(images[i])));
    }

    [Theory, InlineData(1, 1), InlineData(2, 1), InlineData(1, 3), InlineData(17, 5), InlineData(33, 130), InlineData(251, 255), InlineData(640, 200)]
    public void Scenes_have_any_size(int width, int height)
    {
        SceneGenerator scenes = new(3, new() { Width = width, Height = height, MotionBlur = 0.7, Fur = 0.7, Clutter = 0.7,
            ChromaticAberration = 0.7 });
        for (ulong i = 0; i < (width * height < 20_000 ? 40ul : 6ul); i++)
        {
            LabeledImage image = scenes.Image(i);
            Assert.Equal((width, height, 3 * width * height, width * height, null),
                (image.Width, image.Height, image.Rgb.Length, image.Mask.Length, image.Ignored));
        }
    }

    [Fact]
    public void Objects_are_of_all_sizes_and_most_scenes_have_one()
    {
        SceneGenerator scenes = new(1, new() { Width = 96, Height = 96 });
        double[] areas = [.. Enumerable.Range(0, 4 * Many).Select(i => scenes.Image((ulong)i).Mask.Average(value => value / 255.0)).Order()];
        output.WriteLine($"area: 5 % {areas[areas.Length / 20]:P1}, median {areas[areas.Length / 2]:P1}, 95 % {areas[^(areas.Length / 20)]:P1}");

        Assert.InRange(areas.Count(area => area > 0.01) / (double)areas.Length, 0.9, 1);
        Assert.InRange(areas[areas.Length / 2], 0.08, 0.35);
        Assert.True(areas[areas.Length / 10] < 0.08 && areas[^(areas.Length / 10)] > 0.35);
        Assert.Contains(areas, area => area == 0);
        Assert.Contains(areas, area => area > 0.6);
    }

    [Fact]
    public void Masks_are_hard_but_for_an_antialiased_border()
    {
        SceneGenerator scenes = new(1, s_plain);
        for (ulong i = 0; i < 20; i++)
        {
            byte[] mask = scenes.Image(i).Mask;
            Assert.InRange(mask.Count(value => value is > 0 and < 255) / (double)mask.Length, 0, 0.15);
        }
    }

    /// <summary>The mask says where the object is: there the image changes when only the object's materials do.</summary>
    [Fact]
    public void The_image_shows_an_object_where_the_mask_says_so()
    {
        SceneGenerator plain = new(5, s_plain), camouflaged = new(5, s_plain with { Camouflage = 1 });
        double inside = 0, outside = 0, area = 0, rest = 0;
        for (ulong i = 0; i < Many / 4; i++)
        {
            (LabeledImage a, LabeledImage b) = (plain.Image(i), camouflaged.Image(i));
            Assert.Equal(a.Mask, b.Mask);
            for (int k = 0; k < a.Mask.Length; k++)
            {
                double difference = Math.Abs(a.Rgb[3 * k] - b.Rgb[3 * k]) + Math.Abs(a.Rgb[3 * k + 1] - b.Rgb[3 * k + 1]);
                if (a.Mask[k] == 255)
                    (inside, area) = (inside + difference, area + 1);
                else if (a.Mask[k] == 0)
                    (outside, rest) = (outside + difference, rest + 1);
            }
        }
        // The camera's exposure follows the whole scene, so the background changes a little too.
        Assert.True(inside / area > 3 * outside / rest, $"{inside / area:F1} inside, {outside / rest:F1} outside");
    }

    [Theory, MemberData(nameof(Features))]
    public void Every_feature_changes_scenes(string feature)
    {
        SceneGenerator off = new(2, s_plain), on = new(2, With(s_plain, feature, 1));
        int changed = Enumerable.Range(0, 8).Count(i => !off.Image((ulong)i).Rgb.AsSpan().SequenceEqual(on.Image((ulong)i).Rgb));
        Assert.InRange(changed, 5, 8);
    }

    [Theory, InlineData(nameof(SceneOptions.Shadow)), InlineData(nameof(SceneOptions.InnerEdges)), InlineData(nameof(SceneOptions.Clutter)),
        InlineData(nameof(SceneOptions.Noise)), InlineData(nameof(SceneOptions.Jpeg))]
    public void What_is_no_part_of_the_object_leaves_the_mask(string feature)
    {
        SceneGenerator off = new(2, s_plain), on = new(2, With(s_plain, feature, 1));
        for (ulong i = 0; i < 8; i++)
            Assert.Equal(off.Image(i).Mask, on.Image(i).Mask);
    }

    [Fact]
    public void Occluders_take_from_the_mask_and_fur_adds_to_it()
    {
        double plain = Area(s_plain);
        Assert.True(Area(s_plain with { Occluders = 1 }) < 0.97 * plain);
        Assert.True(Area(s_plain with { Fur = 1 }) > 1.01 * plain);

        static double Area(SceneOptions options)
        {
            SceneGenerator scenes = new(9, options);
            return Enumerable.Range(0, 40).Sum(i => scenes.Image((ulong)i).Mask.Sum(value => value / 255.0));
        }
    }

    [Theory, InlineData(0, 5), InlineData(5, -1), InlineData(100_000, 100_000)]
    public void A_size_out_of_range_is_refused(int width, int height)
        => Assert.Contains("options", Assert.Throws<ArgumentException>(() =>
            new SceneGenerator(0, new() { Width = width, Height = height })).Message, StringComparison.Ordinal);

    [Theory, InlineData(-0.1), InlineData(1.1), InlineData(double.NaN)]
    public void What_is_no_probability_is_refused(double value)
        => Assert.Contains(nameof(SceneOptions.Fur), Assert.Throws<ArgumentException>(() => new SceneGenerator(0, new() { Fur = value })).Message,
            StringComparison.Ordinal);

    private static SceneOptions With(SceneOptions options, string feature, double probability)
    {
        SceneOptions copy = options with { };
        typeof(SceneOptions).GetProperty(feature)!.SetValue(copy, probability);
        return copy;
    }
}
