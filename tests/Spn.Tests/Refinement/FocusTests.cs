using Spn.Imaging;
using Spn.Refinement;
using Xunit;

namespace Spn.Tests.Refinement;

/// <summary>What a mask leaves to decide, and that nothing else is computed.</summary>
public sealed class FocusTests
{
    [Theory]
    [InlineData(1, 1), InlineData(1, 40), InlineData(40, 1), InlineData(7, 5), InlineData(33, 70), InlineData(64, 64)]
    public void The_rectangle_is_that_of_the_naive_search(int width, int height)
    {
        Random random = new(width * 100 + height);
        for (int trial = 0; trial < 60; trial++)
        {
            float[] mask = Mask(random, width, height, trial);
            Assert.Equal(Naive(mask, width, height), Focus.Of(mask, width));
        }
    }

    [Fact]
    public void It_grows_to_the_grid_within_the_image()
    {
        Assert.Equal(new Focus(32, 128, 0, 100), new Focus(70, 100, 20, 90).Grown(10, width: 100, height: 200));
        Assert.Equal(new Focus(0, 32, 0, 32), new Focus(0, 1, 0, 1).Grown(0, width: 100, height: 200));
        Assert.True(default(Focus).Grown(10, 100, 200).IsEmpty);
    }

    [Fact]
    public void The_whole_of_two_is_around_both()
    {
        Focus one = new(10, 20, 30, 40), other = new(15, 50, 0, 35);
        Assert.Equal(new Focus(10, 50, 0, 40), one.With(other));
        Assert.Equal(one, one.With(default));
        Assert.Equal(one, default(Focus).With(one));
        Assert.Equal(new Focus(5, 15, 20, 30), one.Within(new Focus(5, 60, 10, 60)));
    }

    [Theory, InlineData(nameof(SpnModel.Fast)), InlineData(nameof(SpnModel.Quality))]
    public void Far_from_an_object_its_mask_stays_bit_by_bit(string name)
    {
        const int width = 500, height = 310;
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithModel(name == SpnModel.Quality.Name ? SpnModel.Quality : SpnModel.Fast).Build();
        (ImageInput image, float[] mask) = Disc(width, height, 400, 240, radius: 30);
        mask[0] = 0.015f; // decided
        float[] refined = refiner.Refine(image, MaskInput.FromPixels(mask, width, height)).Pixels.ToArray();
        Focus focus = Focus.Of(mask, width).Grown(36, width, height);
        Assert.InRange(focus.Pixels, 1, width * height / 4);
        for (int i = 0; i < refined.Length; i++)
        {
            if (i / width < focus.Top || i / width >= focus.Bottom || i % width < focus.Left || i % width >= focus.Right)
                Assert.Equal(mask[i], refined[i]);
        }
        Assert.NotEqual(mask, refined);
    }

    [Fact]
    public void Without_focus_the_whole_image_is_refined()
    {
        const int width = 500, height = 310;
        (ImageInput image, float[] mask) = Disc(width, height, 400, 240, radius: 30);
        using Refiner focused = SpnRefiner.Configure().OnCpu().Build(), whole = SpnRefiner.Configure().OnCpu().WithoutFocus().Build();
        float[] near = focused.Refine(image, MaskInput.FromPixels(mask, width, height)).Pixels.ToArray();
        float[] everywhere = whole.Refine(image, MaskInput.FromPixels(mask, width, height)).Pixels.ToArray();
        Assert.Equal(0, near[0]);
        Assert.NotEqual(0, everywhere[0]);
        Assert.InRange(near.Zip(everywhere).Average(pair => Math.Abs(pair.First - pair.Second)), 0, 2e-3);

        float[] classes = [.. mask, .. mask.Select(value => 1 - value)];
        ClassProbabilities coarse = ClassProbabilities.FromPixels(classes, 2, width, height);
        int[] labels = focused.Refine(image, coarse).ToLabelMap().Labels.ToArray(), all = whole.Refine(image, coarse).ToLabelMap().Labels.ToArray();
        Assert.InRange(labels.Zip(all).Count(pair => pair.First != pair.Second), 0, 20); // single pixels of the boundary
    }

    [Theory, InlineData(48, 48), InlineData(96, 96), InlineData(101, 20), InlineData(160, 130)]
    public void Small_images_are_refined_as_without_focus(int width, int height)
    {
        (ImageInput image, float[] mask) = Disc(width, height, 2 * width / 3, height / 2, radius: height / 4);
        using Refiner focused = SpnRefiner.Configure().OnCpu().Build(), whole = SpnRefiner.Configure().OnCpu().WithoutFocus().Build();
        ReadOnlySpan<float> near = focused.Refine(image, MaskInput.FromPixels(mask, width, height)).Threshold(0.5f).Pixels;
        ReadOnlySpan<float> everywhere = whole.Refine(image, MaskInput.FromPixels(mask, width, height)).Threshold(0.5f).Pixels;
        int different = 0;
        for (int i = 0; i < near.Length; i++)
            different += near[i] == everywhere[i] ? 0 : 1;
        Assert.InRange(different, 0, 2);
    }

    [Fact]
    public void Without_focus_no_tile_is_left_out()
    {
        const int width = 3000, height = 128;
        (ImageInput image, float[] mask) = Disc(width, height, 300, 64, radius: 30);
        using Refiner whole = SpnRefiner.Configure().OnCpu().WithoutFocus().WithoutCoarsePass().Build();
        ReadOnlySpan<float> refined = whole.Refine(image, MaskInput.FromPixels(mask, width, height), out RefineReport report).Pixels;
        Assert.Equal(3, report.Tiles);
        Assert.True(refined[(height / 2 * width + 2000)..(height / 2 * width + 2900)].ContainsAnyExcept(0f));
    }

    [Theory, InlineData(1), InlineData(11)]
    public void Groups_of_masks_are_refined_as_if_alone(int count)
    {
        const int width = 400, height = 300;
        (ImageInput image, float[] mask) = Disc(width, height, 200, 150, radius: 60);
        using Refiner refiner = SpnRefiner.Configure().OnCpu().Build();
        MaskInput coarse = MaskInput.FromPixels(mask, width, height);
        float[] expected = refiner.Refine(image, coarse).Pixels.ToArray();
        IReadOnlyList<Mask> refined = refiner.Refine(image, [.. Enumerable.Repeat(coarse, count)]);
        Assert.All(refined, one => Assert.Equal(expected, one.Pixels.ToArray()));
    }

    [Fact]
    public void Masks_of_one_call_are_nearly_those_of_separate_calls()
    {
        const int width = 500, height = 310;
        using Refiner refiner = SpnRefiner.Configure().OnCpu().Build();
        (ImageInput image, float[] mask) = Disc(width, height, 400, 240, radius: 30);
        float[] wide = [.. Enumerable.Range(0, width * height).Select(i => i % width < 250 ? 1f : 0)];
        MaskInput first = MaskInput.FromPixels(mask, width, height), second = MaskInput.FromPixels(wide, width, height);
        float[] alone = refiner.Refine(image, first).Pixels.ToArray(), together = refiner.Refine(image, [first, second])[0].Pixels.ToArray();
        Assert.All(alone.Zip(together), pair => Assert.Equal(pair.First, pair.Second, 0.1f)); // they see more of the image together
        Assert.InRange(alone.Zip(together).Average(pair => Math.Abs(pair.First - pair.Second)), 0, 1e-3);
    }

    private static (ImageInput Image, float[] Mask) Disc(int width, int height, int x0, int y0, int radius)
    {
        byte[] pixels = new byte[3 * width * height];
        float[] mask = new float[width * height];
        Random random = new(1);
        for (int i = 0; i < mask.Length; i++)
        {
            int x = i % width, y = i / width, noise = random.Next(10) + 24 * ((x / 16 + y / 16) % 2); // a texture: flat regions keep masks by another rule
            bool inside = (x - x0) * (x - x0) + (y - y0) * (y - y0) < radius * radius;
            (pixels[3 * i], pixels[3 * i + 1], pixels[3 * i + 2]) = inside ? ((byte)(200 + noise), (byte)90, (byte)40) : ((byte)(60 + noise), (byte)90, (byte)130);
            mask[i] = Math.Abs(x - x0 - 4) < radius && Math.Abs(y - y0) < radius ? 1 : 0;
        }
        return (ImageInput.FromPixels(pixels, width, height, PixelFormat.Rgb24), mask);
    }

    /// <summary>Decided values, with an object, single pixels, or faint values.</summary>
    private static float[] Mask(Random random, int width, int height, int trial)
    {
        float[] mask = new float[width * height];
        (int left, int right, int top, int bottom) = (random.Next(width), random.Next(width), random.Next(height), random.Next(height));
        for (int i = 0; i < mask.Length; i++)
        {
            bool inside = i % width >= left && i % width <= right && i / width >= top && i / width <= bottom;
            mask[i] = inside == (trial % 2 == 0) ? 1 - 0.019f * random.NextSingle() : 0.019f * random.NextSingle();
        }
        for (int single = 0; single < trial % 3; single++)
            mask[random.Next(mask.Length)] = random.NextSingle();
        return mask;
    }

    private static Focus Naive(float[] mask, int width, int height)
    {
        (int top, int bottom, int left, int right) = (height, 0, width, 0);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                float value = mask[y * width + x];
                bool open = value > 0.02f && value < 0.98f;
                open |= x + 1 < width && Math.Abs(value - mask[y * width + x + 1]) > 0.5f;
                open |= y + 1 < height && Math.Abs(value - mask[(y + 1) * width + x]) > 0.5f;
                if (open)
                    (top, bottom, left, right) = (Math.Min(top, y), Math.Max(bottom, y + 1), Math.Min(left, x), Math.Max(right, x + 1));
            }
        }
        return bottom == 0 ? default : new Focus(top, bottom, left, right);
    }
}
