using Spn.Imaging;
using Spn.Tests.Refinement;
using Spn.Torch;
using TorchSharp;
using Xunit;

namespace Spn.Tests.Imaging;

/// <summary>Masks of other sizes and proportions than their image.</summary>
public sealed class MaskFitTests
{
    private const int Width = 64, Height = 32;

    private static readonly ImageInput s_image = ImageInput.FromPixels(new byte[3 * Width * Height], Width, Height, PixelFormat.Rgb24);

    /// <summary>An image-sized mask: a linear ramp, which bilinear sampling reproduces.</summary>
    private static float Ramp(double x, double y) => (float)(0.1 + 0.5 * x / Width + 0.3 * y / Height);

    [Theory]
    [InlineData(MaskFit.Stretch, 16, 16)]
    [InlineData(MaskFit.Stretch, 100, 20)]
    [InlineData(MaskFit.Letterbox, 16, 16)]
    [InlineData(MaskFit.Letterbox, 16, 40)]
    [InlineData(MaskFit.Letterbox, 90, 13)]
    [InlineData(MaskFit.LetterboxTopLeft, 16, 16)]
    [InlineData(MaskFit.LetterboxTopLeft, 50, 15)]
    public void The_mask_lies_over_the_image(MaskFit fit, int maskWidth, int maskHeight)
    {
        float[] mask = new float[maskWidth * maskHeight];
        double scale = Math.Min((double)maskWidth / Width, (double)maskHeight / Height);
        (double scaleX, double scaleY) = fit == MaskFit.Stretch ? ((double)maskWidth / Width, (double)maskHeight / Height) : (scale, scale);
        double left = fit == MaskFit.Letterbox ? (maskWidth - Width * scale) / 2 : 0, top = fit == MaskFit.Letterbox ? (maskHeight - Height * scale) / 2 : 0;
        for (int y = 0; y < maskHeight; y++)
        {
            for (int x = 0; x < maskWidth; x++)
            {
                double imageX = (x + 0.5 - left) / scaleX, imageY = (y + 0.5 - top) / scaleY;
                // Padding, which must not show: the opposite of the ramp.
                bool padding = imageX < -0.5 / scaleX || imageY < -0.5 / scaleY || imageX > Width + 0.5 / scaleX || imageY > Height + 0.5 / scaleY;
                mask[y * maskWidth + x] = padding ? 1 : Ramp(imageX, imageY);
            }
        }
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithMethod(new FakeGuidance()).Build();
        MaskInput input = MaskInput.FromPixels(mask, maskWidth, maskHeight);
        if (maskWidth * Height != maskHeight * Width)
            Assert.Contains("Letterbox", Assert.Throws<ArgumentException>("coarseMask", () => refiner.Refine(s_image, input)).Message, StringComparison.Ordinal);
        Mask fitted = refiner.Refine(s_image, input.With(new MaskOptions { Fit = fit }));
        // Away from the edges, where bilinear sampling holds the outermost pixel.
        for (int y = 4; y < Height - 4; y++)
        {
            for (int x = 4; x < Width - 4; x++)
                Assert.Equal(Ramp(x + 0.5, y + 0.5), fitted[x, y], 0.003f);
        }
    }

    [Fact]
    public void Resampling_agrees_with_torch()
    {
        Random random = new(5);
        float[] values = [.. Enumerable.Range(0, 15 * 10).Select(_ => random.NextSingle())];
        Mask mask = new(15, 10, values);
        torch.Tensor tensor = torch.tensor(values, 1, 1, 10, 15);
        foreach ((int width, int height) in new[] { (15, 10), (45, 30), (61, 37), (16, 11) })
            AssertNear(torch.nn.functional.interpolate(tensor, [height, width], mode: torch.InterpolationMode.Bilinear, align_corners: false), mask.Resize(width, height));
        foreach ((int width, int height) in new[] { (5, 5), (3, 2), (1, 1) })
            AssertNear(torch.nn.functional.interpolate(tensor, [height, width], mode: torch.InterpolationMode.Area), mask.Resize(width, height));

        static void AssertNear(torch.Tensor expected, Mask actual)
            => Assert.All(TensorPixels.ToArray(expected).Zip(actual.Pixels.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 2e-6f));
    }

    [Fact]
    public void Reduction_keeps_the_mean_and_never_leaves_the_range()
    {
        Random random = new(6);
        Mask mask = new(37, 23, [.. Enumerable.Range(0, 37 * 23).Select(_ => (float)random.Next(2))]);
        Mask reduced = mask.Resize(10, 7);
        Assert.Equal(mask.Pixels.ToArray().Average(), reduced.Pixels.ToArray().Average(), 1e-5f);
        Assert.All(reduced.Pixels.ToArray(), value => Assert.InRange(value, 0, 1.000001f));
    }

    [Fact]
    public void The_letterbox_of_a_photo_is_where_networks_put_it()
    {
        // 854 x 480 in 640 x 640: 640 x 359.7 pixels of image, 140.1 of padding above and below.
        PlaneResize.Region region = MaskPlane.RegionOf("mask", 640, 640, 854, 480, MaskFit.Letterbox);
        Assert.Equal((0, 640), (region.X, region.Width));
        Assert.Equal(140.14, region.Y, 0.01);
        Assert.Equal(359.72, region.Height, 0.01);
    }
}
