using Spn.Metrics;
using Spn.Training;
using Spn.Training.Corruption;
using Spn.Training.Scenes;
using Xunit;

namespace Spn.Training.Tests.Corruption;

/// <summary>Coarse masks for training: wrong as much as each family promises, on a wavy mask with a hole and a thin limb that leaves the image.</summary>
public sealed class CorruptionTests(ITestOutputHelper output)
{
    private const int Width = 320, Height = 240, Seeds = 24;
    private const float Unit = 0.6f;

    private static readonly LabeledImage s_image = new(Width, Height,
        [.. Enumerable.Range(0, Width * Height).SelectMany(i => Colour(i % Width, i / Width))],
        [.. Enumerable.Range(0, Width * Height).Select(i => (byte)(Inside(i % Width, i / Width) ? 255 : 0))]);

    public static TheoryData<string> Names => [.. CorruptionKind.All.Select(kind => kind.Name)];

    [Theory]
    [InlineData("leak", 0.8, 0.999)]
    [InlineData("parts", 0.75, 0.999)]
    [InlineData("thin parts", 0.85, 0.998)]
    [InlineData("shift", 0.8, 0.99)]
    [InlineData("warp", 0.85, 0.995)]
    [InlineData("grow", 0.8, 0.99)]
    [InlineData("bumps", 0.85, 0.998)]
    [InlineData("polygon", 0.9, 0.998)]
    [InlineData("specks", 0.9, 0.999)]
    [InlineData("uncertainty", 0.7, 0.99)]
    [InlineData("blur", 0.9, 0.9999)]
    [InlineData("network", 0.75, 0.999)]
    [InlineData("blocks", 0.9, 0.999)]
    public void A_corruption_changes_the_expected_share(string name, double low, double high)
    {
        double[] overlaps = [.. Enumerable.Range(0, Seeds).Select(seed => IoU(Apply(name, (ulong)seed))).Order()];
        output.WriteLine($"IoU {overlaps[0]:F3} to {overlaps[^1]:F3}, mean {overlaps.Average():F3}");

        Assert.InRange(overlaps.Average(), low, high);
        Assert.True(overlaps[0] > (name == "uncertainty" ? 0.25 : 0.5), "no mask loses its object");
        Assert.True(overlaps[0] < overlaps[^1], "strengths differ");
    }

    [Theory, MemberData(nameof(Names))]
    public void A_corruption_stays_in_0_to_1_and_is_reproducible(string name)
    {
        for (ulong seed = 0; seed < 4; seed++)
        {
            float[] mask = Apply(name, seed);
            Assert.InRange(mask.Min(), -1e-5f, 1);
            Assert.InRange(mask.Max(), 0, 1 + 1e-5f); // a blur's weights add up to 1 but for rounding; the last step cuts what is beyond
            Assert.True(mask.AsSpan().SequenceEqual(Apply(name, seed)));
        }
    }

    // Pieces of "leak" and "parts" lie anywhere: larger ones need not take more of the object.
    public static TheoryData<string> Scaled => [.. CorruptionKind.All.Select(kind => kind.Name).Except(["leak", "parts", "specks"])];

    [Theory, MemberData(nameof(Scaled))]
    public void Lengths_follow_the_photos_scale(string name)
    {
        Assert.True(Mean(0.3f) > Mean(1.2f));

        double Mean(float unit) => Enumerable.Range(0, Seeds).Average(seed => IoU(Apply(name, (ulong)seed, unit)));
    }

    [Fact]
    public void One_mask_in_five_is_exact()
    {
        int exact = Enumerable.Range(0, 400).Count(seed => IsExact(CoarseMasks.Make(s_image, (ulong)seed)));
        Assert.InRange(exact, 55, 105); // 80 expected, deviation 8
        Assert.All(Enumerable.Range(0, 20), seed => Assert.True(IsExact(CoarseMasks.Make(s_image, (ulong)seed, null, exactShare: 1, realShare: 0))));
        int none = Enumerable.Range(0, 400).Count(seed => IsExact(CoarseMasks.Make(s_image, (ulong)seed, null, exactShare: 0, realShare: 0)));
        Assert.InRange(none, 0, 20); // a kind may find nothing to change

        static bool IsExact(float[] mask) => mask.SequenceEqual(s_image.Mask.Select(value => value / 255f));
    }

    [Fact]
    public void Half_of_the_inexact_masks_are_real_ones_if_the_image_has_any()
    {
        byte[] real = [.. Enumerable.Range(0, Width * Height).Select(i => (byte)(Inside(i % Width - 4, i / Width) ? 216 : 13))];
        LabeledImage image = s_image with { RealMasks = [real] };
        float[] expected = [.. real.Select(value => value * (1 / 255f))];
        // Some are made hard or miscalibrated, like other masks of networks; all of them have just these two values.
        int two = Enumerable.Range(0, 400).Count(seed =>
        {
            float[] mask = CoarseMasks.Make(image, (ulong)seed);
            return mask.Select((value, i) => (value, real[i])).Distinct().Count() == 2 && !mask.SequenceEqual(s_image.Mask.Select(value => value / 255f));
        });
        int unchanged = Enumerable.Range(0, 400).Count(seed => CoarseMasks.Make(image, (ulong)seed).SequenceEqual(expected));
        Assert.InRange(two, 120, 195); // 160 expected
        Assert.InRange(unchanged, 65, 125); // three in five of them

        Assert.Equal(CoarseMasks.Make(s_image, 5), CoarseMasks.Make(s_image with { RealMasks = [] }, 5));

        // With a share of 1, only the exact ones are not real; with 0, none is.
        int most = Enumerable.Range(0, 400).Count(seed => CoarseMasks.Make(image, (ulong)seed, null, exactShare: 0.2, realShare: 1).SequenceEqual(expected));
        Assert.InRange(most, 150, 235); // three in five of 320
        Assert.DoesNotContain(
            Enumerable.Range(0, 100), seed => CoarseMasks.Make(image, (ulong)seed, null, exactShare: 0.2, realShare: 0).SequenceEqual(expected));
    }

    [Fact]
    public void Uncertain_masks_are_calibrated()
    {
        double[] inside = new double[5], count = new double[5];
        for (ulong seed = 0; seed < 100; seed++)
        {
            float[] mask = Apply("uncertainty", seed);
            for (int i = 0; i < mask.Length; i++)
            {
                int bin = Math.Clamp((int)(mask[i] * 5), 0, 4);
                (count[bin], inside[bin]) = (count[bin] + 1, inside[bin] + s_image.Mask[i] / 255.0);
            }
        }
        double[] shares = [.. inside.Zip(count, (a, b) => a / b)];
        output.WriteLine(string.Join(' ', shares.Select(share => share.ToString("F2"))));
        for (int bin = 0; bin < 5; bin++)
            Assert.InRange(shares[bin], (bin + 0.5) / 5 - 0.2, (bin + 0.5) / 5 + 0.2);
    }

    [Fact]
    public void A_vague_mask_is_around_a_half_and_slightly_higher_inside()
    {
        double difference = 0;
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            using Channel mask = new(Width, Height);
            CoarseMasks.Load(s_image.Mask, mask);
            Vagueness.Apply(new(mask, s_image, new SeededRandom(seed), Unit));
            float[] values = mask.Values.ToArray();
            Assert.InRange(values.Average(), 0.2, 0.75);
            difference += Mean(values, 255) - Mean(values, 0);
        }
        Assert.InRange(difference / Seeds, 0.05, 0.35);

        double Mean(float[] values, byte side) => values.Where((_, i) => s_image.Mask[i] == side).Average();
    }

    [Fact]
    public void A_mask_without_an_object_is_low_nearly_everywhere()
    {
        double[] shares = [.. Enumerable.Range(0, Seeds).Select(seed =>
            CoarseMasks.MakeAbsent(s_image, new SeededRandom((ulong)seed), Unit).Average(value => value >= 0.5f ? 1.0 : 0))];
        Assert.InRange(shares.Average(), 0, 0.06);
    }

    [Fact]
    public void An_exact_mask_keeps_its_antialiased_border_or_is_its_hard_form()
    {
        LabeledImage scene = new SceneGenerator(3).Image(1);
        float[] soft = [.. scene.Mask.Select(value => value * (1 / 255f))], hard = [.. soft.Select(value => value >= 0.5f ? 1f : 0)];
        float[][] masks = [.. Enumerable.Range(0, 200).Select(seed => CoarseMasks.Make(scene, (ulong)seed))];
        Assert.Contains(masks, mask => mask.SequenceEqual(soft));
        Assert.Contains(masks, mask => mask.SequenceEqual(hard));
    }

    [Fact]
    public void A_seed_gives_the_same_mask_on_every_thread()
    {
        float[][] expected = [.. Enumerable.Range(0, 16).Select(seed => CoarseMasks.Make(s_image, (ulong)seed, 0.8))];
        Parallel.For(0, 48, i => Assert.True(expected[i % 16].AsSpan().SequenceEqual(CoarseMasks.Make(s_image, (ulong)(i % 16), 0.8))));
        Assert.All(expected, mask => Assert.True(mask.Min() >= 0 && mask.Max() <= 1));
        Assert.InRange(expected.Select(mask => mask.Sum()).Distinct().Count(), 10, 16);
    }

    [Fact]
    public void Coarse_masks_are_in_the_range_of_those_that_methods_are_judged_by()
    {
        double[] overlaps = [.. Enumerable.Range(0, 200).Select(seed => IoU(CoarseMasks.Make(s_image, (ulong)seed))).Order()];
        output.WriteLine($"IoU: least {overlaps[0]:F3}, 5 % {overlaps[10]:F3}, median {overlaps[100]:F3}, 95 % {overlaps[190]:F3}");
        Assert.InRange(overlaps[100], 0.85, 0.98);
        Assert.InRange(overlaps[10], 0.4, 0.9);
        Assert.Equal(1, overlaps[^1]);
    }

    [Theory, InlineData(1, 1), InlineData(1, 7), InlineData(5, 2), InlineData(33, 31), InlineData(257, 3)]
    public void Masks_have_any_size(int width, int height)
    {
        foreach (byte filling in new byte[] { 0, 255, 127 })
        {
            byte[] truth = new byte[width * height];
            truth.AsSpan().Fill(filling);
            if (filling == 127)
                truth.AsSpan(0, (truth.Length + 1) / 2).Fill(255);
            LabeledImage image = new(width, height, new byte[3 * width * height], truth);
            for (ulong seed = 0; seed < 60; seed++)
                Assert.All(CoarseMasks.Make(image, seed, 1.3), value => Assert.InRange(value, 0, 1));
        }
    }

    /// <summary>What fills contours and what follows them are each other's inverse, for masks with holes, single pixels and corners that touch.</summary>
    [Fact]
    public void Contours_filled_again_are_the_mask()
    {
        SeededRandom random = new(3);
        foreach (float share in new[] { 0.1f, 0.5f, 0.9f })
        {
            using Channel mask = new(37, 23), filled = new(37, 23);
            foreach (ref float value in mask.Values)
                value = random.Chance(share) ? 1 : 0;
            Coverage.Draw(filled, Contours.Of(mask), evenOdd: true);
            Assert.Equal(mask.Values.ToArray(), filled.Values.ToArray().Select(value => MathF.Round(value)));
        }
    }

    [Theory, InlineData(0.8f), InlineData(3.5f), InlineData(6)]
    public void Dilation_reaches_as_far_as_its_radius(float radius)
    {
        SeededRandom random = new(5);
        float[] truth = [.. Enumerable.Range(0, 61 * 43).Select(_ => random.Chance(0.02) ? 1f : 0)];
        foreach (bool inside in new[] { true, false })
        {
            using Channel mask = new(61, 43);
            truth.CopyTo(mask.Values);
            Morphology.Dilate(mask, radius, inside);
            float grown = inside ? 1 : 0;
            for (int y = 0; y < 43; y++)
            {
                for (int x = 0; x < 61; x++)
                {
                    bool near = Enumerable.Range(0, truth.Length).Any(i =>
                        truth[i] == grown && (i % 61 - x) * (i % 61 - x) + (i / 61 - y) * (i / 61 - y) <= radius * radius);
                    Assert.Equal(near ? grown : 1 - grown, mask.Row(y)[x]);
                }
            }
        }
    }

    [Fact]
    public void Wrong_arguments_are_refused()
    {
        Assert.Throws<ArgumentNullException>(() => CoarseMasks.Make(null!, 0));
        Assert.Throws<ArgumentException>(() => CoarseMasks.Make(s_image with { Width = 7 }, 0));
        Assert.Throws<ArgumentException>(() => CoarseMasks.Make(s_image with { RealMasks = [s_image.Mask, new byte[9]] }, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => CoarseMasks.Make(s_image, 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => CoarseMasks.Make(s_image, 0, double.NaN));
    }

    private static float[] Apply(string name, ulong seed, float unit = Unit)
    {
        using Channel mask = new(Width, Height);
        CoarseMasks.Load(s_image.Mask, mask);
        CorruptionKind.All.Single(kind => kind.Name == name).Apply(new(mask, s_image, new SeededRandom(seed), unit));
        return mask.Values.ToArray();
    }

    private static double IoU(float[] mask) => MaskMetrics.IoU(BinaryMask.From(mask, Width, Height), BinaryMask.From(s_image.Mask, Width, Height));

    private static bool Inside(int x, int y)
    {
        double dx = x - 150, dy = y - 120, distance = Math.Sqrt(dx * dx + dy * dy);
        return (distance < 78 + 8 * Math.Sin(7 * Math.Atan2(dy, dx)) && distance > 15) || (x > 150 && Math.Abs(y - 100) < 3);
    }

    private static byte[] Colour(int x, int y) => Inside(x, y) ? [180, (byte)(90 + x % 40), 60] : [60, (byte)(100 + y % 40), 90];
}
