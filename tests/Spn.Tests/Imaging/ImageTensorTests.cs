using SkiaSharp;
using TorchSharp;
using Xunit;

namespace Spn.Tests.Imaging;

public sealed class ImageTensorTests
{
    [Fact]
    public void An_image_is_read_as_a_tensor()
    {
        using var bitmap = new SKBitmap(3, 2);
        bitmap.Erase(new SKColor(255, 51, 0));
        using torch.Tensor image = ((ImageInput)bitmap).ToTensor(), expected = torch.tensor([1f, 0.2f, 0]).view(1, 3, 1, 1).expand(1, 3, 2, 3);
        Assert.Equal([1, 3, 2, 3], image.shape);
        Assert.True(image.allclose(expected));
    }

    [Fact]
    public void The_pixels_are_those_of_the_tensor()
    {
        using var bitmap = new SKBitmap(3, 2);
        bitmap.Erase(new SKColor(255, 51, 0));
        bitmap.SetPixel(2, 1, SKColors.Blue);
        foreach (ImageInput image in new ImageInput[] { bitmap, Seeded.Rand(1, [3, 2, 3]), Seeded.Rand(2, [1, 3, 2, 3]) })
        {
            using torch.Tensor expected = image.ToTensor();
            float[] pixels = image.ToPixels(out int width, out int height);
            Assert.Equal((3, 2), (width, height));
            Assert.Equal(expected.data<float>().ToArray(), pixels);
        }
    }

    [Fact]
    public void A_given_tensor_outlives_the_one_that_is_read_from_it()
    {
        using torch.Tensor given = Seeded.Rand(1, [1, 3, 4, 5]), before = given.clone();
        ((ImageInput)given).ToTensor().Dispose();
        Assert.True(given.allclose(before, 0, 0));
    }

    [Fact]
    public void Large_images_and_several_in_one_tensor_are_refused()
    {
        using var bitmap = new SKBitmap(3, 2);
        ImageInput image = bitmap;
        Assert.Throws<InvalidDataException>(() => image.ToTensor(pixelLimit: 5));
        Assert.Throws<InvalidDataException>(() => image.ToPixels(out _, out _, pixelLimit: 5));
        Assert.Throws<ArgumentOutOfRangeException>("pixelLimit", () => image.ToTensor(pixelLimit: 0));
        Assert.Throws<ArgumentOutOfRangeException>("pixelLimit", () => image.ToPixels(out _, out _, pixelLimit: 0));
        using torch.Tensor two = Seeded.Rand(1, [2, 3, 4, 5]);
        Assert.Throws<ArgumentException>("image", () => ((ImageInput)two).ToTensor());
        Assert.Throws<ArgumentException>("image", () => ((ImageInput)two).ToPixels(out _, out _));
    }
}
