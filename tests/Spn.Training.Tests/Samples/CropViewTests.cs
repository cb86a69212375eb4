using Spn.Training;
using Spn.Training.Samples;
using Xunit;

namespace Spn.Training.Tests.Samples;

public sealed class CropViewTests
{
    private static readonly LabeledImage s_image = Noise(61, 47);

    [Theory]
    [InlineData(0, 0, false, false)]
    [InlineData(13, 5, false, true)]
    [InlineData(29, 15, true, false)]
    [InlineData(29, 15, true, true)]
    public void A_native_view_is_a_crop_bit_for_bit(int left, int top, bool mirrored, bool transposed)
    {
        const int size = 32;
        LabeledImage seen = new CropView(left, top, 1, mirrored, transposed).Read(s_image, size);
        for (int i = 0; i < size * size; i++)
        {
            int x = mirrored ? size - 1 - i % size : i % size, from = (top + i / size) * s_image.Width + left + x;
            int at = transposed ? i % size * size + i / size : i;
            Assert.Equal(s_image.Mask[from], seen.Mask[at]);
            Assert.Equal(s_image.Ignored![from], seen.Ignored![at]);
            Assert.Equal(s_image.RealMasks![1][from], seen.RealMasks![1][at]);
            Assert.Equal(s_image.Rgb.AsSpan(3 * from, 3), seen.Rgb.AsSpan(3 * at, 3));
        }
    }

    [Fact]
    public void Outside_the_image_its_border_is_repeated()
    {
        const int size = 32, margin = 20, wide = size + 2 * margin;
        LabeledImage seen = new CropView(0, 0, 1, false, false).Grow(margin).Read(s_image, wide);
        for (int i = 0; i < wide * wide; i++)
        {
            int x = Math.Clamp(i % wide - margin, 0, s_image.Width - 1), y = Math.Clamp(i / wide - margin, 0, s_image.Height - 1);
            Assert.Equal(s_image.Mask[y * s_image.Width + x], seen.Mask[i]);
        }
    }

    [Theory]
    [InlineData(0.37f)]
    [InlineData(1.9f)]
    public void Mirroring_turns_the_very_same_pixels_around(float step)
    {
        const int size = 20;
        LabeledImage plain = new CropView(2.25f, 3.5f, step, false, false).Read(s_image, size), mirrored = new CropView(2.25f, 3.5f, step, true, false).Read(s_image, size);
        for (int i = 0; i < size * size; i++)
        {
            int other = i / size * size + size - 1 - i % size;
            Assert.Equal(plain.Mask[i], mirrored.Mask[other]);
            Assert.Equal(plain.Rgb.AsSpan(3 * i, 3), mirrored.Rgb.AsSpan(3 * other, 3));
        }
    }

    [Theory]
    [InlineData(0.5f)]
    [InlineData(2)]
    public void A_ramp_stays_a_ramp_at_any_scale(float step)
    {
        byte[] ramp = [.. Enumerable.Range(0, 64 * 64).Select(i => (byte)(2 * (i % 64) + i / 64))];
        LabeledImage seen = new CropView(8, 4, step, false, false).Read(new LabeledImage(64, 64, new byte[3 * 64 * 64], ramp), 16);
        for (int i = 0; i < 16 * 16; i++)
        {
            float x = 8 + (i % 16 + 0.5f) * step - 0.5f, y = 4 + (i / 16 + 0.5f) * step - 0.5f;
            Assert.InRange(seen.Mask[i], 2 * x + y - 0.51f, 2 * x + y + 0.51f);
        }
    }

    [Theory]
    [InlineData(61, 47, 32)]
    [InlineData(47, 61, 40)]
    [InlineData(20, 33, 48)] // smaller than the sample
    [InlineData(1, 1, 32)]
    public void Random_views_stay_inside_and_often_are_native(int width, int height, int size)
    {
        LabeledImage image = Noise(width, height);
        int native = 0, mirrored = 0, transposed = 0;
        for (ulong seed = 0; seed < 400; seed++)
        {
            CropView view = CropView.Random(image, size, new SeededRandom(seed));
            Assert.InRange(view.Left, -1e-3f, width - size * view.Step + 1e-3f);
            Assert.InRange(view.Top, -1e-3f, height - size * view.Step + 1e-3f);
            Assert.InRange(view.Step, 0, 2);
            if (view.Step == 1)
            {
                native++;
                Assert.Equal((MathF.Floor(view.Left), MathF.Floor(view.Top)), (view.Left, view.Top));
            }
            mirrored += view.Mirrored ? 1 : 0;
            transposed += view.Transposed ? 1 : 0;
            Assert.Equal(view, CropView.Random(image, size, new SeededRandom(seed)));
        }
        Assert.InRange(mirrored, 140, 260);
        Assert.InRange(transposed, 60, 140);
        if (Math.Min(width, height) >= size)
            Assert.InRange(native, 100, 300);
        else
            Assert.Equal(0, native);
    }

    [Fact]
    public void A_random_view_tries_to_show_both_sides_of_the_mask()
    {
        // An object that fills the left quarter: a view of a third of the image misses its border more often than not.
        byte[] mask = [.. Enumerable.Range(0, 200 * 200).Select(i => (byte)(i % 200 < 50 ? 255 : 0))];
        LabeledImage image = new(200, 200, new byte[3 * 200 * 200], mask);
        int both = Enumerable.Range(0, 200).Count(seed => CropView.Random(image, 64, new SeededRandom((ulong)seed)).Read(image, 64).Mask.Distinct().Count() > 1);
        Assert.InRange(both, 190, 200);
    }

    private static LabeledImage Noise(int width, int height)
    {
        var random = new Random(3);
        byte[] rgb = new byte[3 * width * height], mask = new byte[width * height], ignored = new byte[width * height];
        random.NextBytes(rgb);
        random.NextBytes(mask);
        random.NextBytes(ignored);
        byte[] real = new byte[width * height];
        random.NextBytes(real);
        return new LabeledImage(width, height, rgb, mask, ignored, [mask, real]);
    }
}
