using Spn.CutOuts;
using Spn.Imaging;
using Spn.Simd;
using Xunit;

namespace Spn.Tests.CutOuts;

public sealed class ForegroundColorsTests
{
    public static TheoryData<int, int> Sizes => new()
    {
        { 1, 1 }, { 1, 2 }, { 3, 1 }, { 2, 5 }, { 33, 7 }, { 1, 300 }, { 128, 32 }, { 129, 33 }, { 301, 95 }, { 520, 40 },
    };

    [Theory, MemberData(nameof(Sizes))]
    public void Every_vector_width_and_number_of_threads_matches_the_reference(int width, int height)
    {
        (float[] image, float[] alpha) = Scene(width, height, seed: 7 * width + height);
        double[] expected = NaiveForeground.Estimate(image, alpha, width, height);
        foreach (SimdLevel level in Enum.GetValues<SimdLevel>().Where(SimdLevels.IsSupported))
        {
            byte[] result = CutOut(image, alpha, width, height, threads: 1, level);
            Assert.Equal(result, CutOut(image, alpha, width, height, threads: 3, level));
            for (int i = 0; i < width * height; i++)
            {
                byte opacity = (byte)(alpha[i] * 255 + 0.5f);
                Assert.Equal(opacity, result[4 * i + 3]);
                for (int channel = 0; channel < 3; channel++)
                {
                    int at = channel * width * height + i;
                    double colour = opacity == 0 ? 0 : opacity == 255 ? image[at] : expected[at];
                    Assert.True(Math.Abs(255 * colour - result[4 * i + channel]) <= 0.502, $"{level}: pixel {i}, channel {channel}");
                }
            }
        }
    }

    [Fact]
    public void Of_one_pixel_the_colour_stays()
        => Assert.Equal([51, 102, 204, 128], CutOut([0.2f, 0.4f, 0.8f], [0.5f], 1, 1));

    [Theory]
    [InlineData(0f)]
    [InlineData(1f)]
    public void Empty_and_full_masks_need_no_estimate(float alpha)
    {
        (float[] image, _) = Scene(150, 60, seed: 1);
        byte[] result = CutOut(image, [.. Enumerable.Repeat(alpha, 150 * 60)], 150, 60);
        for (int i = 0; i < 150 * 60; i++)
        {
            byte[] expected = alpha == 0
                ? [0, 0, 0, 0]
                : [.. Enumerable.Range(0, 3).Select(channel => (byte)(image[channel * 150 * 60 + i] * 255 + 0.5f)), 255];
            Assert.Equal(expected, result[(4 * i)..(4 * i + 4)]);
        }
    }

    [Fact]
    public void A_red_object_on_green_loses_the_green_at_its_soft_edge()
    {
        const int Width = 96, Height = 64;
        float[] image = new float[3 * Width * Height], alpha = new float[Width * Height];
        for (int i = 0; i < alpha.Length; i++)
        {
            double distance = Math.Sqrt(Math.Pow(i % Width - 48, 2) + Math.Pow(i / Width - 32, 2));
            alpha[i] = (float)Math.Clamp((24 - distance) / 8, 0, 1);
            image[i] = alpha[i];
            image[Width * Height + i] = 1 - alpha[i];
        }
        byte[] result = CutOut(image, alpha, Width, Height);
        for (int i = 0; i < alpha.Length; i++)
        {
            if (result[4 * i + 3] is > 25 and < 255)
                Assert.True(result[4 * i] > 245 && result[4 * i + 1] < 10, $"pixel {i}: {result[4 * i]}, {result[4 * i + 1]}");
        }
    }

    [Fact]
    public void A_cancelled_estimate_stops()
    {
        (float[] image, float[] alpha) = Scene(64, 64, seed: 3);
        using Planes planes = new(3, 64, 64);
        image.CopyTo(planes.All);
        Assert.ThrowsAny<OperationCanceledException>(
            () => ForegroundColors.CutOut(planes, alpha, 2, SimdLevels.Best, new CancellationToken(canceled: true)));
    }

    private static byte[] CutOut(float[] image, float[] alpha, int width, int height, int threads = 2, SimdLevel? level = null)
    {
        using Planes planes = new(3, height, width);
        image.CopyTo(planes.All);
        return ForegroundColors.CutOut(planes, alpha, threads, level ?? SimdLevels.Best, TestContext.Current.CancellationToken);
    }

    /// <summary>A noisy image with soft, hard and empty parts of alpha.</summary>
    private static (float[] Image, float[] Alpha) Scene(int width, int height, int seed)
    {
        Random random = new(seed);
        float[] image = [.. Enumerable.Range(0, 3 * width * height).Select(_ => random.NextSingle())];
        float[] alpha = [.. Enumerable.Range(0, width * height).Select(i =>
        {
            double wave = Math.Sin(i % width * 0.11 + seed) * Math.Cos(i / width * 0.17);
            return (float)Math.Clamp(0.5 + 0.9 * wave + 0.2 * random.NextDouble(), 0, 1);
        })];
        return (image, alpha);
    }
}
